-- What reads the tables above. Nothing below names a field of the protocol that they could name.

local lobbyd = Proto("lobbyd", "lobbyd")

local all = {}
for _, field in pairs(F) do
	all[#all + 1] = field
end
lobbyd.fields = all

local malformed = ProtoExpert.new(
	"lobbyd.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR
)
local unknown = ProtoExpert.new(
	"lobbyd.unknown", "Of a later version", expert.group.UNDECODED, expert.severity.NOTE
)
local padded = ProtoExpert.new(
	"lobbyd.not_zero", "Padding that is not zero", expert.group.PROTOCOL, expert.severity.NOTE
)
local aimless = ProtoExpert.new(
	"lobbyd.no_direction", "Nothing tells which end is the server",
	expert.group.UNDECODED, expert.severity.NOTE
)
lobbyd.experts = { malformed, unknown, padded, aimless }

lobbyd.prefs.port = Pref.uint("UDP port", PORT, "Port of the server; others are found by their content")

-- Addresses that were seen to answer or to be asked as a server.
local servers = {}

function lobbyd.init()
	servers = {}
end

local function spoilt(text)
	error({ text = text }, 0)
end

local function need(size, at, stop, what)
	if at + size > stop then
		spoilt(string.format("%d bytes wanted for %s, %d are left", size, what, stop - at))
	end
end

local function has(flags, mask)
	return math.floor(flags / mask) % 2 == 1
end

local NUMBERS = { u8 = 1, u16 = 2, u32 = 4, u64 = 8, i16 = 2, i24 = 3, f32 = 4 }
local PREFIX = { str8 = 1, str16 = 2, bytes16 = 2 }

local function flag_items(item, row, range)
	for _, flag in ipairs(row.flags or {}) do
		item:add(flag, range)
	end
end

local function number(row, tvb, at, stop, tree, values)
	local size = NUMBERS[row.kind]
	need(size, at, stop, row.name)
	local range = tvb(at, size)
	local item = tree:add_le(row.field, range)
	if size <= 4 and row.kind:sub(1, 1) == "u" then
		values[row.name] = range:le_uint()
		flag_items(item, row, range)
	end
	return at + size
end

local function block(row, tvb, at, stop, tree)
	local size = row.size
	if row.kind == "rest" then
		size = stop - at
	elseif PREFIX[row.kind] then
		need(PREFIX[row.kind], at, stop, row.name)
		size = tvb(at, PREFIX[row.kind]):le_uint()
		at = at + PREFIX[row.kind]
	end
	need(size, at, stop, row.name)
	if size == 0 then
		tree:add(row.field, tvb(at - 1, 0), ""):set_generated(false)
		return at
	end
	local range = tvb(at, size)
	if row.kind:sub(1, 3) == "str" then
		tree:add_packet_field(row.field, range, ENC_UTF_8)
	else
		local item = tree:add(row.field, range)
		if row.kind == "zeros" and range:bytes():tohex():find("[^0]") then
			item:add_proto_expert_info(padded)
		end
	end
	return at + size
end

local message

local function layout(name, tvb, at, stop, tree, context)
	local values = {}
	for _, row in ipairs(LAYOUTS[name]) do
		if row.kind == "parts" then
			local count = row.count and values[row.count]
			if not count then
				count = has(values[row.flags], row.mask) and 1 or 0
			end
			for n = 1, count do
				if row.layout == "MESSAGE" then
					at = message(values, n, tvb, at, stop, tree, context)
				else
					local size = LAYOUTS[row.layout].size
					need(size, at, stop, row.layout)
					local part = tree:add(F[row.layout:lower()], tvb(at, size))
					part:set_text(row.layout .. " " .. n)
					layout(row.layout, tvb, at, at + size, part, context)
					at = at + size
				end
			end
		elseif NUMBERS[row.kind] then
			at = number(row, tvb, at, stop, tree, values)
		else
			at = block(row, tvb, at, stop, tree)
		end
	end
	return at, values
end

local function whole(name, tvb, at, stop, tree, context)
	local ended, values = layout(name, tvb, at, stop, tree, context)
	if ended ~= stop then
		spoilt(string.format("%d bytes left over in %s", stop - ended, name))
	end
	return values
end

-- One message of RELIABLE; ids run from 1 to 65535, then from 1 again.
function message(values, n, tvb, at, stop, tree, context)
	need(3, at, stop, "a message")
	local kind, length = tvb(at, 1):uint(), tvb(at + 1, 2):le_uint()
	if length > MAX_MESSAGE then
		spoilt(string.format("a message of %d bytes", length))
	end
	need(3 + length, at, stop, "a message")
	local name = MessageKind[kind] or string.format("kind %d", kind)
	local item = tree:add(F["message"], tvb(at, 3 + length))
	item:set_text("Message: " .. name)
	item:add(F["message.id"], (values.first_id + n - 2) % 65535 + 1):set_generated()
	item:add(F["message.kind"], tvb(at, 1))
	item:add_le(F["message.length"], tvb(at + 1, 2))
	context.info[#context.info + 1] = name
	local start = at + 3
	if context.to_server == nil then
		item:add_proto_expert_info(aimless)
	else
		local known = (context.to_server and MESSAGES_UP or MESSAGES_DOWN)[kind]
		if known then
			whole(known, tvb, start, start + length, item, context)
		else
			item:add_proto_expert_info(unknown)
		end
	end
	return start + length
end

local function frames(tvb, at, stop, tree, context)
	while at < stop do
		need(3, at, stop, "a frame")
		local kind, length = tvb(at, 1):uint(), tvb(at + 1, 2):le_uint()
		need(3 + length, at, stop, "a frame")
		local name = FrameType[kind] or string.format("frame %d", kind)
		local item = tree:add(F["frame"], tvb(at, 3 + length))
		item:set_text("Frame: " .. name)
		item:add(F["frame.type"], tvb(at, 1))
		item:add_le(F["frame.length"], tvb(at + 1, 2))
		context.info[#context.info + 1] = name
		at = at + 3
		if FRAMES[kind] then
			whole(FRAMES[kind], tvb, at, at + length, item, context)
		else
			item:add_proto_expert_info(unknown)
		end
		at = at + length
	end
end

local function endpoint(address, port)
	return tostring(address) .. " " .. port
end

-- Handshakes tell who the server is; without one the port does, or a frame that goes one way only.
local function direction(name, tvb, pinfo)
	local source = endpoint(pinfo.src, pinfo.src_port)
	local target = endpoint(pinfo.dst, pinfo.dst_port)
	if name == "HELLO" or name == "CONNECT" then
		servers[target] = true
	elseif name ~= "DATA" then
		servers[source] = true
	end
	if servers[target] then
		return true
	elseif servers[source] then
		return false
	elseif pinfo.dst_port == lobbyd.prefs.port then
		return true
	elseif pinfo.src_port == lobbyd.prefs.port then
		return false
	end
	local at, stop = LAYOUTS.HEADER.size, tvb:len() - TAG_SIZE
	while at + 3 <= stop do
		local frame = FrameType[tvb(at, 1):uint()]
		if frame == "UPDATE" or frame == "PATH_RESPONSE" then
			return true
		elseif frame == "SNAPSHOT" or frame == "PATH_CHALLENGE" or frame == "ERROR" then
			return false
		end
		at = at + 3 + tvb(at + 1, 2):le_uint()
	end
	return nil
end

local function datagram(tvb, tree, context)
	local size = tvb:len()
	if tvb(0, 1):uint() ~= MAGIC_VERSION then
		spoilt("another first byte: no lobbyd, or another version of it")
	elseif size > MAX_DATAGRAM then
		spoilt(string.format("%d bytes, more than %d", size, MAX_DATAGRAM))
	end
	if context.name == "DATA" then
		if size < MIN_DATA then
			spoilt("no room for header and tag")
		end
		local stop = size - TAG_SIZE
		local at, values = layout("HEADER", tvb, 0, stop, tree, context)
		context.info[1] = string.format("DATA seq=%d ack=%d", values.seq, values.ack)
		tree:add(F["to_server"], context.to_server == true):set_generated()
		tree:add(F["tag"], tvb(stop, TAG_SIZE))
		frames(tvb, at, stop, tree, context)
	elseif PACKETS[context.number] then
		context.info[1] = context.name
		whole(context.name, tvb, 0, size, tree, context)
		tree:add(F["to_server"], context.to_server == true):set_generated()
	else
		spoilt("no such type")
	end
end

function lobbyd.dissector(tvb, pinfo, tree)
	pinfo.cols.protocol = "lobbyd"
	local kind = tvb:len() >= 2 and tvb(1, 1):uint() or 0
	local context = { info = { "?" }, number = kind, name = PacketType[kind] or "?" }
	local top = tree:add(lobbyd, tvb())
	if tvb:len() >= 2 then
		context.to_server = direction(context.name, tvb, pinfo)
		local ok, problem = pcall(datagram, tvb, top, context)
		if not ok then
			if type(problem) ~= "table" then
				error(problem, 0)
			end
			top:add_proto_expert_info(malformed, "Malformed: " .. problem.text)
			context.info[#context.info + 1] = "[" .. problem.text .. "]"
		end
	else
		top:add_proto_expert_info(malformed, "Malformed: too short for anything")
	end
	top:append_text(": " .. table.concat(context.info, ", "))
	pinfo.cols.info = table.concat(context.info, ", ")
	return tvb:len()
end

local EXACT = {}
for number_of, name in pairs(PACKETS) do
	EXACT[number_of] = LAYOUTS[name].size
end

-- On any port: the first byte, a type, and the size that this type has.
local function looks_like_it(tvb, pinfo, tree)
	local size = tvb:len()
	if size < 2 or tvb(0, 1):uint() ~= MAGIC_VERSION then
		return false
	end
	local kind = tvb(1, 1):uint()
	if PacketType[kind] == "DATA" then
		if size < MIN_DATA or size > MAX_DATAGRAM then
			return false
		end
	elseif EXACT[kind] ~= size then
		return false
	end
	pinfo.conversation = lobbyd
	lobbyd.dissector(tvb, pinfo, tree)
	return true
end

local ports = DissectorTable.get("udp.port")
local registered = nil

local function register()
	if registered == lobbyd.prefs.port then
		return
	end
	if registered then
		ports:remove(registered, lobbyd)
	end
	registered = lobbyd.prefs.port
	if registered > 0 then
		ports:add(registered, lobbyd)
	else
		ports:add_for_decode_as(lobbyd)
	end
end

function lobbyd.prefs_changed()
	register()
end

register()
lobbyd:register_heuristic("udp", looks_like_it)
