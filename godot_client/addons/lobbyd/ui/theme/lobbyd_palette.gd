class_name LobbydPalette
extends Resource
## The colours and measures that a theme of the addon is made of; see [method LobbydTheme.build].

## What the eye goes to: the main button, the focus, what is chosen.
@export var accent: Color = Color("5cc2fa")
## Text on the accent colour.
@export var on_accent: Color = Color("06131d")
## Behind everything.
@export var background: Color = Color("11151c")
## Cards, lists, dialogs.
@export var surface: Color = Color("191f29")
## Buttons and what else can be pressed.
@export var raised: Color = Color("272f3d")
## The same under the pointer.
@export var hovered: Color = Color("343e50")
## Where text is typed.
@export var sunken: Color = Color("0d1117")
## Outlines of controls: 3:1 against what lies around them.
@export var line: Color = Color("667389")
## Faint outlines that only part areas.
@export var faint: Color = Color("2b3442")
## Text.
@export var text: Color = Color("eef2f7")
## Text that may be overlooked; still 4.5:1.
@export var subtle: Color = Color("a9b4c4")
## Success.
@export var good: Color = Color("74d99a")
## Failure and danger.
@export var bad: Color = Color("ff9489")
## Text size at 100 %, px.
@export var font_size: int = 16
## Rounding of cards, px; controls have half of it.
@export var radius: int = 12
