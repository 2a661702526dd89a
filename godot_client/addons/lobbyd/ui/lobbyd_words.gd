class_name LobbydWords
extends RefCounted
## What the addon's screens say, in the player's language.
##
## The sentences live in a [TranslationDomain] of their own, so no key of the game's is touched and
## no project setting is needed. English is the text in the source, German comes with the addon; a
## game adds its own language with [method add].
## [codeblock]
## LobbydWords.add(load("res://translations/lobbyd_fr.po"))
## label.text = LobbydWords.say("Join")
## [/codeblock]
## The language is the game's ([method TranslationServer.set_locale]) unless [method use_language]
## named another one.

## The domain; nodes below a [LobbydScreen] have it, so their texts are translated by themselves.
const DOMAIN: StringName = &"lobbyd"
## The German texts.
const GERMAN: Translation = preload("res://addons/lobbyd/ui/translations/de.po")
## Languages that come with the addon, each with the name that its speakers give it.
const LANGUAGES: Dictionary[String, String] = {"en": "English", "de": "Deutsch"}

static var _domain: TranslationDomain = null
static var _english: Translation = Translation.new()
# what has a plural in _english
static var _counted: Dictionary[String, bool] = {}
static var _languages: Dictionary[String, String] = LANGUAGES.duplicate()


## The domain, filled.
static func domain() -> TranslationDomain:
	if _domain == null:
		_domain = TranslationServer.get_or_add_domain(DOMAIN)
		# without English of its own, a project whose fallback is German would show that
		_english.locale = "en"
		for message: String in GERMAN.get_message_list():
			_english.add_message(message, message)
		_domain.add_translation(_english)
		_domain.add_translation(GERMAN)
	return _domain


## [param message] in the player's language; as it is where there is none.
static func say(message: String) -> String:
	return domain().translate(message)


## [param one] or [param many] in the form that [param number] asks for, with it in place of %d:
## [code]count("%d player", "%d players", 3)[/code].
static func count(one: String, many: String, number: int) -> String:
	var words: TranslationDomain = domain()
	if not _counted.has(one):
		_counted[one] = true
		_english.add_plural_message(one, [one, many])
	var form: String = words.translate_plural(one, many, number)
	return form % number if form.contains("%d") else form


## Adds a language of the game's own, whose messages are the English texts, as in
## [code]ui/translations/de.po[/code]; of a language that is there already, other words for some of
## them (not for those that are counted). [param name] is how its speakers call it in the settings.
static func add(translation: Translation, name: String = "") -> void:
	if translation == null or domain().has_translation(translation):
		return
	var locale: String = translation.locale
	if LANGUAGES.has(locale):
		# of two for one locale the engine takes either
		var ours: Translation = GERMAN if locale == GERMAN.locale else _english
		for message: String in translation.get_message_list():
			ours.add_message(message, translation.get_message(message))
		return
	domain().add_translation(translation)
	var usual: String = TranslationServer.get_locale_name(locale)
	_languages[locale] = name if not name.is_empty() else usual


## The languages that the player can choose: locales and names.
static func languages() -> Dictionary[String, String]:
	return _languages


## Fixes the language of all screens; empty follows the game's again. [LobbydPreferences] calls it.
static func use_language(locale: String) -> void:
	domain().set_locale_override(locale)


## What happened and what to do about it, for every [member LobbydResult.code]; empty when ok.
static func of_result(result: LobbydResult) -> String:
	if result == null or result.ok:
		return ""
	if not LobbydSentences.RESULT_WORDS.has(result.code):
		var reason: String = of_reason(result.code)
		return reason if not result.code.is_empty() else say("Something went wrong. Try again.")
	var sentence: String = say(LobbydSentences.RESULT_WORDS[result.code])
	if result.retry_after >= 1.0:
		var seconds: int = ceili(result.retry_after)
		sentence += " " + count("Try again in %d second.", "Try again in %d seconds.", seconds)
	return sentence


## Why a connection ended or is being made anew, for every [member LobbydClient.reason].
static func of_reason(word: String) -> String:
	if LobbydSentences.REASON_WORDS.has(word):
		return say(LobbydSentences.REASON_WORDS[word])
	if LobbydSentences.RESULT_WORDS.has(word):
		return say(LobbydSentences.RESULT_WORDS[word])
	# a server may say anything
	return say("The connection ended (%s). Try again.") % LobbydPlainText.line(word, 40)
