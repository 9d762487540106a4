"""Strings that run, or ask for something, where a page takes them for markup, an address or a program.

Each carries a number of its own: it calls `hit(number)` or asks 127.0.0.1 for it, so that a mark names its string.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

FIRST = 10_000
HOST = "http://127.0.0.1:47811/"

# Where a string is written, raw, for the control. `nowhere`: what only another program than a browser would run.
PLACES = ("body", "double", "single", "bare", "address", "frame", "js double", "js single", "js back", "json", "css",
          "style", "title", "textarea", "comment", "innerhtml", "markdown", "nowhere")  # fmt: skip

EVENTS = [
    "click",
    "dblclick",
    "auxclick",
    "contextmenu",
    "mousedown",
    "mouseup",
    "mouseover",
    "mouseenter",
    "mousemove",
    "mouseout",
    "mouseleave",
    "wheel",
    "pointerdown",
    "pointerup",
    "pointerover",
    "pointerenter",
    "pointermove",
    "pointerout",
    "pointerleave",
    "pointercancel",
    "gotpointercapture",
    "lostpointercapture",
    "touchstart",
    "touchmove",
    "touchend",
    "touchcancel",
    "keydown",
    "keyup",
    "keypress",
    "focus",
    "blur",
    "focusin",
    "focusout",
    "input",
    "beforeinput",
    "change",
    "select",
    "selectstart",
    "selectionchange",
    "submit",
    "reset",
    "invalid",
    "search",
    "copy",
    "cut",
    "paste",
    "drag",
    "dragstart",
    "dragend",
    "dragenter",
    "dragleave",
    "dragover",
    "drop",
    "scroll",
    "scrollend",
    "toggle",
    "beforetoggle",
    "animationstart",
    "animationend",
    "animationiteration",
    "animationcancel",
    "transitionrun",
    "transitionstart",
    "transitionend",
    "transitioncancel",
    "load",
    "error",
    "abort",
    "cancel",
    "close",
    "cuechange",
    "canplay",
    "play",
    "playing",
    "pause",
    "seeked",
    "timeupdate",
    "volumechange",
    "waiting",
    "securitypolicyviolation",
    "slotchange",
    "formdata",
    "fullscreenchange",
]
ON = (
    "click",
    "mouseover",
    "mouseenter",
    "focus",
    "pointerdown",
    "keydown",
    "toggle",
    "animationstart",
    "load",
    "error",
)

# Markup that runs by itself, and what must be closed before it.
ALONE = (
    "<img src=x onerror=HIT>", "<svg onload=HIT>", "<script>HIT</script>", "<input autofocus onfocus=HIT>",
    "<details open ontoggle=HIT>", "<iframe srcdoc='<script>HIT</script>'></iframe>", "<iframe src=javascript:HIT></iframe>",
    "<video><source onerror=HIT></video>", "<body onload=HIT>", "<style onload=HIT></style>", "<object data=x onerror=HIT></object>",
    "<audio src=x onerror=HIT>", "<img src=URL>", "<link rel=stylesheet href=URL>",
)  # fmt: skip
CLOSERS = (
    ("body", ""), ("double", '">'), ("single", "'>"), ("bare", ">"), ("title", "</title>"), ("textarea", "</textarea>"),
    ("css", "</style>"), ("js double", "</script>"), ("js single", "</SCRIPT\n>"), ("json", "</script >"), ("comment", "-->"),
    ("comment", "--!>"), ("body", "</table></div></section></main>"), ("body", "<!-->"), ("body", "]]>"),
    ("body", "<svg><![CDATA[><"), ("body", "</p><!-- -->"), ("body", "<![if 1]>"), ("style", '">'), ("address", '">'),
)  # fmt: skip

SCHEMES = (
    "javascript:HIT", "JaVaScRiPt:HIT", "JAVASCRIPT:HIT", " javascript:HIT", "javascript:HIT//", "javascript:/**/HIT",
    "javascript://%0aHIT", "javascript://x.org/%0D%0AHIT", "javascript:void(HIT)", "javascript:void HIT;", "javascript:%68it(NUM)",
    "javascript:\\u0068it(NUM)", "javascript:hit`NUM`", "javascript:window['h'+'it'](NUM)", "javascript:top['hit'](NUM)",
    "javascript:(()=>HIT)()", "javascript:new Function`HIT`()", "javascript:[NUM].forEach(hit)", "javascript:self?.hit?.(NUM)",
    "javascript:globalThis.hit(NUM)", "javascript:frames['hit'](NUM)", "javascript:/x/.test(HIT)", "javascript:'x'+HIT",
    "javascript:`${HIT}`", "javascript:{HIT}", "javascript:!HIT", "javascript:+HIT", "javascript:HIT;'//<a href=", "javascript:delete HIT",
    "javascript:typeof HIT", "javascript:with(window)HIT", "javascript:try{throw NUM}catch(e){hit(e)}", "javascript:eval('HIT')",
    "javascript:setTimeout('HIT')", "javascript:Reflect.apply(hit,null,[NUM])", "javascript:Promise.resolve(NUM).then(hit)",
    "javascript:x=>0,HIT", "javascript:if(1)HIT", "javascript:for(;;){HIT;break}", "javascript:<!--\u000aHIT",
    "java\tscript:HIT", "java\nscript:HIT", "j\ta\nv\ta\ns\tc\nr\ti\np\tt:HIT", "\tjavascript:HIT", "\njavascript:HIT",
    "javascript\t:HIT", "\u0001javascript:HIT", "\u001fjavascript:HIT",
)  # fmt: skip
ENTITIES = (
    "javascript:HIT", "&#106;avascript:HIT", "&#x6a;avascript:HIT", "&#0000106avascript:HIT", "java&Tab;script:HIT",
    "java&NewLine;script:HIT", "javascript&colon;HIT", "javascript&#58;HIT", "&#32;javascript:HIT", "&#1;javascript:HIT",
    "JAVA&#x09;SCRIPT:HIT", "javascript:&#104;it(NUM)", "javascript:hit&lpar;NUM&rpar;", "javascript&#x3A;&#x68;&#x69;t(NUM)",
)  # fmt: skip
LINKS = (
    '<a href="{}">x</a>', "<a href='{}'>x</a>", '<form action="{}"><button>x</button></form>', '<iframe src="{}"></iframe>',
    '<form><button formaction="{}">x</button></form>', '<svg><a href="{}"><text y=9>x</text></a></svg>', '<a href="{}" target=_self><b>x</b></a>',
    '<form id=f{n}></form><button form=f{n} formaction="{}">x</button>', '<form><input type=image formaction="{}"></form>',
    '<svg><a xlink:href="{}"><circle r=9 /></a></svg>', '<base target=_self><a href="{}">x</a>', '<p><label><a href="{}">x</a></label></p>',
    '<math><mtext><a href="{}">x</a></mtext></math>',
    '<svg><a><animate attributeName=href values="{}" /><text y=9>x</text></a></svg>',
)  # fmt: skip

DRAWN = (  # SVG and MathML
    "<svg><script>HIT</script></svg>", "<svg><script>hit&#40;NUM&#41;</script></svg>", "<svg><script href=data:,HIT></script></svg>",
    "<svg><script xlink:href=data:,HIT></script></svg>", "<svg/onload=HIT>", "<svg\nonload=HIT>", "<svg onload='HIT'/>",
    '<svg onload="HIT"></svg>', "<svg><g onload=HIT></g></svg>", "<svg><animate onbegin=HIT attributeName=x dur=1s>",
    "<svg><set onbegin=HIT attributeName=x dur=1s>", "<svg><animateTransform onbegin=HIT attributeName=transform dur=1s>",
    "<svg><animateMotion onbegin=HIT dur=1s>", "<svg><animate onend=HIT attributeName=x dur=1ms>",
    "<svg><foreignObject><img src=x onerror=HIT></foreignObject></svg>", "<svg><foreignObject><script>HIT</script></foreignObject></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>HIT</script>'></iframe></foreignObject></svg>",
    "<svg><desc><img src=x onerror=HIT></desc></svg>", "<svg><title><img src=x onerror=HIT></title></svg>",
    "<svg><style><img src=x onerror=HIT></style></svg>", "<svg><image href=x onerror=HIT></svg>",
    "<svg><image href=URL></svg>", "<svg><image xlink:href=URL></svg>", "<svg><filter id=q><feImage href=URL /></filter><rect filter=url(#q) width=9 height=9 /></svg>",
    "<svg><use href=URL#x></svg>", "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=HIT></svg>#x'></svg>",
    "<svg><a><set attributeName=href to=javascript:HIT /><text y=9>x</text></a></svg>",
    "<svg><a><animate attributeName=href from=javascript:HIT to=javascript:HIT dur=9s /><text y=9>x</text></a></svg>",
    "<svg><a xlink:href=javascript:HIT><text y=9>x</text></a></svg>", "<svg><switch><script>HIT</script></switch></svg>",
    "<svg><rect onclick=HIT width=9 height=9 /></svg>", "<svg><text onmouseover=HIT>x</text></svg>", "<svg><circle onfocus=HIT tabindex=0 r=9 /></svg>",
    "<svg><a onclick=HIT><text>x</text></a></svg>", "<svg><discard onbegin=HIT></svg>", "<svg><handler>HIT</handler></svg>",
    "<svg><script><!-->HIT</script></svg>", "<svg><script>/*&midast;/HIT</script></svg>", "<svg><![CDATA[<img src=x onerror=HIT>]]></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg'><script type='text/javascript'>HIT</script></svg>",
    "<math><mtext><script>HIT</script></mtext></math>", "<math><mtext><img src=x onerror=HIT></mtext></math>",
    "<math><annotation-xml encoding=text/html><img src=x onerror=HIT></annotation-xml></math>",
    "<math><annotation-xml encoding='application/xhtml+xml'><script>HIT</script></annotation-xml></math>",
    "<math><mi onclick=HIT>x</mi></math>", "<math><mo onmouseover=HIT>x</mo></math>", "<math><maction actiontype=statusline onclick=HIT>x</maction></math>",
    "<math href=javascript:HIT><mi>x</mi></math>", "<math><mrow xlink:href=javascript:HIT>x</mrow></math>",
    "<math><mi/xlink:href=javascript:HIT onclick=HIT>x</mi></math>", "<math><mglyph><style><img src=x onerror=HIT></style></mglyph></math>",
    "<svg><p><style><img src=x onerror=HIT></style></p></svg>", "<math><svg onload=HIT></svg></math>", "<svg><math><mi onclick=HIT>x</mi></math></svg>",
)  # fmt: skip

ODD_TAGS = (  # ways of writing a tag
    "<ScRiPt>HIT</sCrIpT>", "<script >HIT</script >", "<script\n>HIT</script\n>", "<script/x>HIT</script>", "<script x>HIT</script>",
    "<script\t>HIT</script\t>", "<script type=module>HIT</script>", "<script type=text/javascript>HIT</script>", "<script async>HIT</script>",
    "<script defer>HIT</script>", "<script language=javascript>HIT</script>", "<script nonce=x>HIT</script>", "<script>HIT//<!--</script>",
    "<script><!--\nHIT\n--></script>", "<script>//<![CDATA[\nHIT\n//]]></script>", "<script>HIT</script", "<script src=data:,HIT></script>",
    "<script src='data:text/javascript,HIT'></script>", "<script src=data:;base64,aGl0></script><img src=x onerror=HIT>",
    "<script src=URL></script>", "<script type=module src=URL></script>", "<script src=//127.0.0.1:47811/NUM></script>", "<<script>HIT//<</script>",
    "<scr<script>ipt>HIT</script>", "<b><script>HIT</script></b>", "<x><script>HIT</script>", "<img src=x onerror=HIT", "<img src=x onerror=HIT ",
    "<img src=x onerror=HIT//", "<img src=x onerror=HIT\n>", '<img src="x" onerror="HIT">', "<img src='x' onerror='HIT'>", "<img/src=x/onerror=HIT>",
    "<img\tsrc=x\tonerror=HIT>", "<img\nsrc=x\nonerror=HIT>", "<img\rsrc=x\ronerror=HIT>", "<img\fsrc=x\fonerror=HIT>", "<img src=x onerror =HIT>", "<img src=x onerror= HIT>",
    "<img src=x onerror\n=\nHIT>", "<IMG SRC=x ONERROR=HIT>", "<iMg SrC=x oNeRrOr=HIT>", "<image src=x onerror=HIT>", "<img src onerror=HIT src=x>", "<img src=x:x onerror=HIT>",
    "<img src=`x` onerror=HIT>", "<img src=x onerror=`x`;HIT>", '<img """><script>HIT</script>">', "<img src=x:alert(alt) onerror=eval(alt) alt=HIT>",
    "<img src=x onerror=&#104;it(NUM)>", "<img src=x onerror=&#x68;it(NUM)>", "<img src=x onerror=\\u0068it(NUM)>", "<img src=x onerror=hit&lpar;NUM)>",
    "<img src=x onerror=hit&#40;NUM&#41;>", "<img src=x onerror=hit`NUM`>", "<img src=x onerror=window.onerror=hit;throw/**/NUM>", "<img src=x onerror=eval('hit(N'+'UM)')>".replace("N'+'UM", "'+NUM+'"),
    "<img src=x onerror=top.hit(NUM)>", "<img src=x onerror=(hit)(NUM)>", "<img src=x onerror=self['hit'](NUM)>", "<img src=x onerror=[NUM].map(hit)>",
    "<img src=x onerror=Function('HIT')()>", "<img src=x onerror=setTimeout('HIT')>", "<img src=x onerror=import('data:text/javascript,HIT')>",
    "<img src=x onerror=fetch('URL')>", "<img src=x onerror=new/**/Image().src='URL'>", "<img src=x onerror=navigator.sendBeacon('URL')>", "<img src=x onerror=document.body.append(Object.assign(document.createElement('img'),{src:'URL'}))>",
    "<img src=x onerror=this.onload=hit;HIT>", "<img srcset=x onerror=HIT>", "<picture><source srcset=x><img onerror=HIT></picture>", "<input type=image src=x onerror=HIT>",
    "<video src=x onerror=HIT></video>", "<video onloadstart=HIT><source></video>", "<video poster=x src=x onerror=HIT></video>", "<audio onloadstart=HIT src=x>", "<audio><source src=x onerror=HIT></audio>",
    "<object data=x onerror=HIT></object>", "<object onerror=HIT data=data:x></object>", "<embed src=x onload=HIT>", "<link rel=stylesheet href=x onerror=HIT>", "<link rel=preload as=script href=x onerror=HIT>",
    "<link rel=icon href=x onerror=HIT><img src=x onerror=HIT>", "<iframe onload=HIT></iframe>", "<iframe src=data:, onload=HIT></iframe>", "<frameset onload=HIT>", "<body onpageshow=HIT>", "<body onfocus=HIT>", "<body onresize=HIT onload=HIT>",
    "<body onhashchange=HIT><a href=#x>x</a>", "<body onmessage=HIT onload=postMessage(1,'*')>", "<body onscroll=HIT>", "<body onerror=HIT onload=x()>", "<textarea autofocus onfocus=HIT>", "<select autofocus onfocus=HIT>", "<button autofocus onfocus=HIT>x</button>",
    "<a autofocus tabindex=0 onfocus=HIT>x</a>", "<x autofocus tabindex=1 onfocus=HIT>x</x>", "<keygen autofocus onfocus=HIT>", "<isindex action=javascript:HIT type=image><img src=x onerror=HIT>", "<marquee onstart=HIT>x</marquee>", "<marquee loop=1 width=0 onfinish=HIT>x</marquee>",
    "<meter onmouseover=HIT>0</meter>", "<progress onclick=HIT></progress>", "<details ontoggle=HIT open><summary>x</summary></details>", "<dialog open onclose=HIT><form method=dialog><button>x</button></form></dialog>", "<xss onclick=HIT>x</xss>", "<custom-element onclick=HIT>x</custom-element>",
    "<template shadowrootmode=open><script>HIT</script></template><img src=x onerror=HIT>", "<div><template shadowrootmode=open><img src=x onerror=HIT></template></div>", "<label for=q onclick=HIT>x</label>", "<fieldset onfocusin=HIT><input></fieldset>", "<table background=URL><td>x</table>", "<table><td background=URL>x</table>",
    "<body background=URL>", "<track src=URL><video><track default src=URL></video>", "<video controls src=URL></video>", "<audio src=URL></audio>", "<video poster=URL></video>", "<img srcset='URL 1x'>", "<picture><source srcset=URL><img></picture>", "<input type=image src=URL>", "<iframe src=URL></iframe>",
    "<object data=URL></object>", "<embed src=URL>", "<frameset><frame src=URL></frameset>", "<link rel=preload as=image href=URL>", "<link rel=prefetch href=URL>", "<link rel=modulepreload href=URL>", "<link rel=icon href=URL><img src=URL>", "<link rel=manifest href=URL><img src=URL>", "<link rel='alternate stylesheet' href=URL title=x>",
    "<style>@import 'URL';</style>", "<style>@import url(URL);</style>", "<style>body{background:url(URL)}</style>", "<style>@font-face{font-family:q;src:url(URL)}body{font-family:q}</style>x", "<p style=background:url(URL)>x</p>", "<p style='background-image:image-set(\"URL\" 1x)'>x</p>",
    "<p style=\"list-style:url('URL');display:list-item\">x</p>", "<p style='cursor:url(URL),auto;mask:url(URL)'>x</p>", "<ul style=list-style-image:url(URL)><li>x</ul>", "<p style='content:url(URL)'>x</p>", "<p style='border-image:url(URL) 9;border:9px solid'>x</p>", "<style>p::before{content:url(URL)}</style><p>x</p>", "<style>@keyframes q{}p{animation:q}</style><p onanimationstart=HIT>x</p>",
    "<style>p{transition:color 1s}p:hover{color:red}</style><p ontransitionrun=HIT>x</p>", "<style>:root{--q:url(URL)}p{background:var(--q)}</style><p>x</p>", "<meta http-equiv=refresh content='0;url=URL'>", "<meta http-equiv=refresh content='0;url=javascript:HIT'><img src=x onerror=HIT>", "<meta http-equiv=refresh content=0;URL>",
    "<base href=URL/><img src=x>", "<base href=//127.0.0.1:47811/NUM/><script src=x></script>", "<form action=URL><button>x</button></form>", "<form action=URL><input type=submit></form>", "<form><button formaction=URL>x</button></form>", "<a href=URL>x</a>", "<a href=# ping=URL>x</a>", "<a href=//127.0.0.1:47811/NUM>x</a>", "<a href=\\\\127.0.0.1:47811\\NUM>x</a>",
    "<a href='URL' target=_top>x</a>", "<area href=URL><map><area shape=default href=javascript:HIT></map><img src=URL>", "<iframe srcdoc='&lt;script&gt;parent.hit(NUM)&lt;/script&gt;'></iframe>", '<iframe srcdoc="<img src=x onerror=HIT>"></iframe>', "<iframe srcdoc='<svg onload=parent.hit(NUM)>'></iframe>", "<iframe srcdoc='<meta http-equiv=refresh content=0;url=URL>'></iframe>",
    "<iframe src='data:text/html,<script>HIT</script>'></iframe>", "<iframe src=\"data:text/html;base64,PHNjcmlwdD4=\" onload=HIT></iframe>", "<iframe src=\"javascript:'<script>parent.hit(NUM)</script>'\"></iframe>", "<iframe sandbox=allow-scripts srcdoc='<script>HIT</script>'></iframe>", "<iframe src=about:blank onload=HIT></iframe>", "<object type=text/html data='data:text/html,<script>HIT</script>'></object>",
    "<embed src='data:text/html,<script>HIT</script>'>", "<portal src=URL></portal><img src=URL>", "<fencedframe></fencedframe><img src=x onerror=HIT>", "<script>location='URL'</script>", "<script>window.name='x';HIT</script>", "<script>document.write('<img src=x onerror=HIT>')</script>", "<script>new Worker('data:,postMessage(1)').onmessage=()=>HIT</script>", "<script>navigator.serviceWorker;HIT</script>",
    "<script>import('data:text/javascript,HIT')</script>", "<script type=importmap>{\"imports\":{\"q\":\"data:text/javascript,HIT\"}}</script><script type=module>import 'q'</script>", "<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"URL\"]}]}</script><img src=URL>", "<script>new WebSocket('ws://127.0.0.1:47811/NUM');HIT</script>", "<script>new EventSource('URL')</script>", "<script>fetch('URL')</script>", "<script>var r=new XMLHttpRequest;r.open('GET','URL');r.send()</script>",
)  # fmt: skip

TWICE = (  # markup that a first reading leaves harmless and a second one, of what the first wrote, does not
    '<noscript><p title="</noscript><img src=x onerror=HIT>">', "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=HIT&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=HIT>", "<svg></p><style><a id=\"</style><img src=x onerror=HIT>\">",
    "<svg><style><a id=\"</style><img src=x onerror=HIT>\"></svg>", "<math><mi><style><img title=\"</style><img src=x onerror=HIT>\">", "<listing>&lt;img src=x onerror=HIT&gt;</listing><img src=x onerror=HIT>",
    "<xmp><p title=\"</xmp><img src=x onerror=HIT>\">", "<noembed><p title=\"</noembed><img src=x onerror=HIT>\">", "<noframes><p title=\"</noframes><img src=x onerror=HIT>\">", "<iframe><p title=\"</iframe><img src=x onerror=HIT>\">",
    "<textarea><p title=\"</textarea><img src=x onerror=HIT>\">", "<title><p title=\"</title><img src=x onerror=HIT>\">", "<style><p title=\"</style><img src=x onerror=HIT>\">", "<select><style></select><img src=x onerror=HIT>", "<table><td><svg><desc><img src=x onerror=HIT>",
    "<svg><desc><![CDATA[</desc><script>HIT</script>]]></svg><img src=x onerror=HIT>", "<!--><img src=x onerror=HIT>-->", "<!---!><img src=x onerror=HIT>", "<!-- --!><img src=x onerror=HIT>", "<!--<img title=\"--><img src=x onerror=HIT>", "<?x ><img src=x onerror=HIT>", "<!x ><img src=x onerror=HIT>", "</x ><img src=x onerror=HIT>", "<![CDATA[><img src=x onerror=HIT>]]>",
    "<template><s><template><s><img src=x onerror=HIT>x</s></template></s></template><img src=x onerror=HIT>", "<plaintext onclick=HIT>x", "<p><svg><foreignobject><p><img src=x onerror=HIT>", "<a href=x><table><a href=y><img src=x onerror=HIT>", "<b><p><b><script>HIT</script></p>", "<math><annotation-xml encoding=text/html><svg><style><img title='</style><img src=x onerror=HIT>'>",
    "<div id='a&apos;onclick=HIT'><img src=x onerror=HIT>", "<option><style></option></select><img src=x onerror=HIT></style>", "<frameset><frame onload=HIT>", "<image xlink:href=x onerror=HIT src=x>", "<svg><use><template><script>HIT</script></template></use></svg><svg onload=HIT>",
)  # fmt: skip

ATTRIBUTES = (  # what ends an attribute's value and opens another
    ("double", '" on{}=HIT x="'), ("double", '"on{}=\'HIT\''), ("single", "' on{}=HIT x='"), ("single", "'on{}=\"HIT\""), ("bare", "x on{}=HIT"), ("bare", "x\ton{}=HIT//"),
    ("bare", "x\non{}='HIT'"), ("bare", 'x on{}="HIT"'), ("double", '" tabindex=0 on{}=HIT//'),
)  # fmt: skip

PROGRAM = (  # what ends a string of a script and goes on
    ("js double", '"-HIT-"'), ("js double", '";HIT;//'), ("js double", '"+HIT+"'), ("js double", '";HIT;"'), ("js double", '"\nHIT//'), ("js double", '"});HIT;({"'.replace("});", ";").replace("({", "")),
    ("nowhere", '\\";HIT;//'), ("js double", '\\\\";HIT//'), ("js double", '"|HIT|"'), ("nowhere", '"?HIT:"'), ("js double", '"||HIT||"'), ("nowhere", '",HIT,"'), ("js double", '"*HIT*"'),
    ("js double", '"<HIT>"'), ("js double", '"in[HIT]//'), ("js double", '"[HIT]+"'), ("js double", '"/*x*/-HIT//'), ("js double", '"\u2028;HIT//'), ("js double", '"\u2029;HIT//'), ("js double", '";{HIT}//'), ("js double", '";try{HIT}catch(e){}"'),
    ("js single", "'-HIT-'"), ("js single", "';HIT;//"), ("js single", "'+HIT+'"), ("js single", "';HIT;'"), ("js single", "'\nHIT//"), ("nowhere", "',HIT,'"), ("js single", "'|HIT|'"), ("js single", "'/HIT/'"), ("js single", "'\u2028;HIT//"), ("js single", "'<!--\nHIT//"), ("js single", "';void HIT;'"),
    ("js back", "${HIT}"), ("js back", "x${HIT}y"), ("js back", "`;HIT;`"), ("js back", "`+HIT+`"), ("js back", "${(()=>HIT)()}"), ("js back", "${[NUM].map(hit)}"), ("js back", "${`${HIT}`}"), ("nowhere", "`,HIT,`"), ("js back", "${hit`NUM`}"), ("js back", "\\`${HIT}"), ("js back", "`\n;HIT//"),
    ("js double", "</script><script>HIT</script>"), ("js double", "</script/><svg onload=HIT>"), ("js double", "</ScRiPt\t><img src=x onerror=HIT>"), ("js double", "\\x3c/script></script><script>HIT</script>"), ("json", "</script><script>HIT//"), ("json", "\"}</script><img src=x onerror=HIT>"), ("json", "<!--<script></script><img src=x onerror=HIT>".replace("<!--<script>", "")),
    ("json", "</script\u000a><svg/onload=HIT>"), ("json", "--></script><script>HIT</script>"), ("js single", "</script><!--><script>HIT</script>"), ("js back", "</script><body onload=HIT>"), ("json", "</SCRIPT/x><script>HIT</script>"),
)  # fmt: skip

SHEET = (  # CSS
    ("css", "\"}body{background:url(URL)}"), ("css", "\";background:url(URL);x:\""), ("css", "\"}@import 'URL';</style><style>@import 'URL';"), ("css", "</style><script>HIT</script>"), ("css", "\"}</style><img src=x onerror=HIT>"), ("css", "\"}*{cursor:url(URL),auto}p{background:url(URL)}"),
    ("css", "\"}@font-face{font-family:q;src:url(URL)}*{font-family:q}"), ("css", "\"}p::after{content:url(URL)}"), ("css", "\"}body{background:image-set('URL' 1x)}"), ("css", "\\\"}body{background:url(URL)}</style><style>body{background:url(URL)}"), ("css", "\n}body{background:url(URL)}"),
    ("css", "\"}@media all{body{background:url(URL)}}"), ("css", "\"}@supports(color:red){body{background:url(URL)}}"), ("css", "\"}@layer q{body{background:url(URL)}}"), ("css", "\"}:root{--q:url(URL)}body{background:var(--q)}"), ("css", "\"}html{&{background:url(URL)}}"), ("css", "</STYLE\t><svg onload=HIT>"), ("css", "<!--</style><svg onload=HIT>"),
    ("style", "red;background:url(URL)"), ("style", "red;background:url('URL')"), ("style", "red;background:url( URL )"), ("style", "red;background:\\75rl(URL)"), ("style", "red;background:u\\72l(URL)"), ("style", "red;background/**/:url(URL)"), ("style", "red;BACKGROUND:URL(URL)".replace("URL(", "uRl(")),
    ("style", "red;background:image-set('URL' 1x)"), ("style", "red;background:-webkit-image-set(url(URL) 1x)"), ("style", "red;border-image:url(URL) 9;border:9px solid"), ("style", "red;list-style:url(URL);display:list-item"), ("style", "red;background:cross-fade(url(URL),url(URL))".replace("cross-fade(url(URL),url(URL))", "-webkit-cross-fade(url(URL),url(URL),50%)")),
    ("style", "red;--q:url(URL);background:var(--q)"), ("style", "red;-webkit-mask-image:url(URL)"), ("style", "red;content:url(URL)"), ("style", "red\" onclick=HIT x=\""), ("style", "red\"onmouseover=HIT//"), ("style", "red\"><img src=x onerror=HIT>"), ("style", "red;animation:q\" onanimationstart=\"HIT"),
    ("nowhere", "width:expression(HIT)"), ("nowhere", "xss:expr/**/ession(HIT)"), ("nowhere", "behavior:url(URL)"), ("nowhere", "-moz-binding:url(URL)"), ("nowhere", "background:url(javascript:HIT)"), ("nowhere", "@import 'javascript:HIT';"), ("nowhere", "\\65xpression(HIT)"), ("nowhere", "list-style-image:url(vbscript:HIT)"),
)  # fmt: skip

WRITTEN = (  # Markdown
    "[x](javascript:HIT)", "[x](JaVaScRiPt:HIT)", "[x](javascript:hit%28NUM%29)", "[x](<javascript:HIT>)", "[x](javascript&#58;HIT)", "[x](&#106;avascript:HIT)", "[x](java&#115;cript:HIT)", "[x](javascript:HIT 'title')", "[x](javascript:HIT \"title\")", "[x][q]\n\n[q]: javascript:HIT", "[x]\n\n[x]: javascript:HIT",
    "<javascript:HIT>", "![x](URL)", "![x][q]\n\n[q]: URL", "[![x](URL)](javascript:HIT)", "![x](x\"onerror=\"HIT)".replace("(x\"", "(<x\" ").replace("HIT)", "HIT>)"), "<script>HIT</script>", "text <img src=x onerror=HIT> text", "**<img src=x onerror=HIT>**", "# <img src=x onerror=HIT>", "- <svg onload=HIT>", "> <svg onload=HIT>",
    "1. <img src=x onerror=HIT>", "|a|\n|-|\n|<img src=x onerror=HIT>|", "x<br/><svg/onload=HIT>", "~~<img src=x onerror=HIT>~~", "_<img src=x onerror=HIT>_", "<div>\n\n<img src=x onerror=HIT>\n\n</div>", "<a href=\"javascript:HIT\">x</a>", "[a](x)<img src=x onerror=HIT>", "***<svg onload=HIT>***", "<details open ontoggle=HIT>\n\nx\n\n</details>",
    "[x](URL)", "<URL>", "[x](//127.0.0.1:47811/NUM)", "[x](  javascript:HIT  )", "## <b onclick=HIT>x</b>", "<!-- x --><img src=x onerror=HIT>", "<?x?><img src=x onerror=HIT>", "x\n===\n<svg onload=HIT>", "* * *\n<svg onload=HIT>", "[x](javascript://%0aHIT)", "[x](\\javascript:HIT)".replace("\\", ""), "![<svg onload=HIT>](x)\n<svg onload=HIT>",
)  # fmt: skip

TEMPLATES = (  # of Jinja, Angular, Vue, Lodash, Mustache, ERB, Liquid, FreeMarker, Razor and the like: nothing of ours reads them
    "{{HIT}}", "{{7*7}}NUM", "${HIT}", "#{HIT}", "<%= HIT %>", "<% HIT %>", "<%- HIT %>", "{% raw %}{{HIT}}{% endraw %}", "{%HIT%}", "{#HIT#}", "{{{HIT}}}", "{{&NUM}}", "{{constructor.constructor('HIT')()}}", "{{$on.constructor('HIT')()}}", "{{_openBlock.constructor('HIT')()}}", "{{toString().constructor.fromCharCode(NUM)}}",
    "{{[].pop.constructor('HIT')()}}", "{{a='constructor';b={};a.sub.call.call(b[a].getOwnPropertyDescriptor(b[a].getPrototypeOf(a.sub),a).value,0,'HIT')()}}", "{{x = {'y':''.constructor.prototype}; x['y'].charAt=[].join;$eval('x=HIT');}}", "{{'a'.constructor.prototype.charAt=[].join;$eval('x=1} } };HIT//');}}", "<div ng-app>{{HIT}}</div>",
    "<div ng-app ng-csp><input ng-focus=$event.view.HIT autofocus></div>", "<div v-html='HIT'></div>", "<x v-on:click=HIT>x</x>", "<x @click=HIT>x</x>", "<x :is=HIT>", "<x v-if=_c.constructor('HIT')()>", "<x x-data x-init=HIT>", "<x hx-on:click=HIT>", "<x hx-get=URL hx-trigger=load>", "<x data-bind='click:HIT'>", "<x on:click=HIT>", "*{HIT}", "@{HIT}", "@(HIT)", "~{HIT}", "[[${HIT}]]", "[(${HIT})]", "$!{HIT}", "#set($x=HIT)",
    "{{config}}NUM", "{{self.__init__.__globals__}}NUM", "{{cycler.__init__.__globals__.os.popen('NUM')}}", "{{''.__class__.__mro__[1].__subclasses__()}}NUM", "{{request|attr('NUM')}}", "{% for x in ().__class__.__base__.__subclasses__() %}NUM{% endfor %}", "{% include 'URL' %}", "{% import os %}NUM", "{{lipsum.__globals__}}NUM", "{{joiner.__init__.__globals__.os}}NUM", "{{namespace.__init__}}NUM", "{!HIT!}", "{!!HIT!!}", "{php}HIT{/php}", "{{_self.env.NUM}}",
    "<#assign x=HIT>", "<@HIT/>", "{{#with \"s\" as |x|}}HIT{{/with}}", "{{>HIT}}", "{{#HIT}}x{{/HIT}}", "{{^HIT}}x{{/HIT}}", "%{HIT}", "%(HIT)s", "%s NUM", "{0.__class__}NUM", "{NUM}", "{book.__globals__}NUM", "f'{HIT}'", "$(NUM)", "`NUM`", "$((NUM))", "${jndi:ldap://127.0.0.1:47811/NUM}", "${env:HOME}NUM", "<script type=text/x-template>HIT</script>", "<script>HIT</script>{{}}",
)  # fmt: skip

DRAWING = (  # what would be an expression, a signal or a setting of Vega
    "datum.NUM", "datum['NUM']", "datum[\"constructor\"][\"constructor\"](\"HIT\")()", "datum.constructor.constructor('HIT')()", "'+HIT+'", "\"+HIT+\"", "' || HIT || '", "\\' || HIT //", "'] || HIT || ['", "\"] || HIT || [\"", "'); HIT; ('", "\"); HIT; (\"", "[].constructor.constructor('HIT')()", "(0,eval)('HIT')NUM", "event.view.HIT", "event.view.eval('HIT')",
    "this.constructor.constructor('HIT')()", "view.HIT", "signal('NUM')", "{\"signal\":\"HIT\"}", "{\"expr\":\"HIT\"}", "{\"signal\": \"event.view.HIT\"}", "{\"url\":\"URL\"}", "{\"href\":\"javascript:HIT\"}", "w_size + NUM", "names NUM", "shown = NUM", "places NUM", "toString.constructor('HIT')()", "vlSelectionTuples([{datum:{}}],{fields:[{getter:[].constructor.constructor('HIT')}]})", "scale('x',HIT)", "data('NUM')",
    "modify('NUM',HIT)", "setdata('NUM',HIT)", "replace('x',/x/,HIT)", "format(NUM,'HIT')", "timeFormat(NUM,'%Y')", "warn(NUM)", "info(HIT)", "span(HIT)", "xy()[NUM]", "group()['NUM']", "treePath('NUM',HIT)", "geoShape(HIT)", "bandspace(HIT)", "pluck([],'NUM')", "clampRange(HIT)", "lassoAppend(HIT)", "intersect(HIT)", "parent.HIT", "item.mark.group.context.dataflow.HIT", "@mouseover HIT", "click{HIT}", "window:click NUM", "timer{NUM}",
    "*:mousemove NUM", "[mousedown, mouseup] > mousemove NUM", "\\u0027+HIT", "\\x27+HIT+\\x27", "key === 'x' || HIT", "datum\n.NUM", "a.b[NUM]", "a\\.b\\[NUM\\]", "a'b\"c`NUM", "__proto__NUM", "prototype NUM", "constructor NUM", "hasOwnProperty NUM", "toString NUM", "valueOf NUM", "NaN NUM", "undefined NUM", "null NUM", "Infinity NUM", "count NUM", "rank()NUM", "sum(free)NUM", "name:N NUM", "*:Q NUM", "repeat NUM",
)  # fmt: skip

CLOBBER = (  # names that a script would find instead of its own
    "vegaEmbed", "vega", "vegaLite", "location", "document", "body", "getElementById", "querySelector", "querySelectorAll", "JSON", "cookie", "defaultView", "currentScript", "scripts", "forms", "images", "links", "createElement", "addEventListener", "firstChild", "childNodes", "attributes", "parentNode", "content", "part-1", "hit", "self", "top", "parent", "name", "length", "toString", "weight-0-size", "ownerDocument",
)  # fmt: skip

ODD_SIGNS = (  # signs that another reader would take for < or ', or that hide what stands there
    "+ADw-script+AD4-HIT+ADw-/script+AD4-", "+ADwAcwBjAHIAaQBwAHQ+NUM", "\u00c0\u00bcscript\u00c0\u00beHIT", "\uff1cscript\uff1eHIT\uff1c/script\uff1e", "\u2039script\u203aHIT", "\u02c2script\u02c3HIT", "\ufe64script\ufe65HIT", "<\u200bscript>HIT</script>", "<scr\u200bipt>HIT</script>", "<scr\u00adipt>HIT</script>", "<\u202escript>HIT", "\u202e<tpircs>HIT", "\u2066<script\u2069>NUM", "<\u00a0script>HIT", "<\u2028script>HIT",
    "<\ufeffscript>HIT", "\ufeff<script >HIT</script\u200b>", "\u02bc;HIT;//", "\u2019;HIT;//", "\uff02 onclick=HIT", "\u201c onclick=HIT", "\u02ba onclick=HIT", "\ua78c onclick=HIT", "javascript\uff1aHIT", "java\u200bscript:HIT", "\u017fcript:HIT", "javas\u0441ript:HIT", "\u0130mg src=x onerror=HIT", "<\u017fcript>HIT</\u017fcript>", "<\u212amg>NUM", "\u1e9e<s>NUM", "&lt;script&gt;HIT&lt;/script&gt;", "&amp;lt;script&amp;gt;HIT", "&#60;script&#62;HIT", "&#x3c;script&#x3e;HIT", "&LT;script&GT;HIT",
    "%3Cscript%3EHIT%3C/script%3E", "%253Cscript%253EHIT", "\\u003cscript\\u003eHIT", "\\x3cscript\\x3eHIT", "\\074script\\076HIT", "\\u{3c}script\\u{3e}HIT", "&lt\u003bimg src=x onerror=HIT&gt;", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "<NUM", "a\u0300\u0300\u0300<NUM", "\u0000<script>HIT</script>", "<scr\u0000ipt>HIT</script>", "<img src=x o\u0000nerror=HIT>", "java\u0000script:HIT", "\u000b<script>HIT</script>", "\u001b[31m<script>HIT</script>",
    "\u009b31m<NUM", "\u0085<script>HIT</script>", "\u007f<script>HIT</script>", "\u0008<NUM", "\ufffe<NUM", "\uffff<NUM",
)  # fmt: skip

SHEETS = (  # what a spreadsheet would take for a formula
    "=HIT", "=1+NUM", "=cmd|'/C calc'!A1NUM", "=HYPERLINK(\"URL\",\"x\")", "=WEBSERVICE(\"URL\")", "=IMPORTXML(\"URL\",\"//a\")", "=IMAGE(\"URL\")", "=DDE(\"cmd\";\"/C calc\";NUM)", "+cmd|'/C calc'!A1NUM", "+NUM+1", "-NUM+1", "-cmd|'/C calc'!A1NUM", "@SUM(NUM)", "@NUM", "\t=NUM", "\r=NUM", "\n=NUM", " =NUM", "'=NUM", "\"=NUM", ";=NUM", ",=NUM", "=NUM\n=NUM", "\u200b=NUM", "\ufeff=NUM", "\uff1dNUM",
    "\uff0bNUM", "\uff0dNUM", "\uff20NUM", "%0A=NUM", "=rundll32|'URL'!A1", "=MSEXCEL|'NUM'!A1", "{=NUM}", "|=NUM", "=\tNUM", "x\"\r\n=NUM", "x\",=NUM,\"", "{\"a\": \"=NUM\"}",
)  # fmt: skip

FILES = (  # what would leave a folder, or be no file name
    "../NUM", "../../../../etc/passwd-NUM", "..\\..\\NUM", "/etc/NUM", "C:\\NUM", "\\\\127.0.0.1\\NUM", "file:///etc/NUM", "~/NUM", ".NUM", "..NUM", "NUM.", "NUM/", "NUM\\", "./NUM", "a/../NUM", "%2e%2e%2fNUM", "..%2fNUM", "..%c0%afNUM", "con NUM", "NUL.NUM", "NUM:x", "NUM?x", "NUM#x", "NUM*", "NUM|x", "NUM<x>", "NUM\"x", "NUM'x", "NUM;x", "NUM&x", "NUM$HOME", "-rf NUM", "--NUM", "NUM.html", "NUM.ipynb", "NUM index.html",
    "NUM/../../index.html", "\u2025/NUM", "\uff0e\uff0e\uff0fNUM", "NUM" + "x" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """One string: its number, the family it belongs to, the place where it runs if it is written there raw."""

    number: int
    family: str
    place: str
    text: str

    @property
    def leads(self) -> bool:
        """Whether it counts only at the start of a text."""
        return self.place in ("address", "frame") or self.family in ("addresses", "spreadsheets", "file names")


def hostile_strings() -> tuple[Hostile, ...]:
    """All of them, each once, always in the same order and with the same numbers."""
    patterns: dict[str, tuple[str, str]] = {}
    for family, place, pattern in _patterns():
        assert place in PLACES, place
        patterns.setdefault(pattern, (family, place))
    return tuple(
        Hostile(number, family, place, _numbered(pattern, number))
        for number, (pattern, (family, place)) in enumerate(patterns.items(), FIRST)
    )


def _numbered(pattern: str, number: int) -> str:
    text = pattern.replace("HIT", "hit(NUM)").replace("URL", f"{HOST}NUM")
    assert "NUM" in text, pattern
    return text.replace("NUM", str(number))


def _patterns() -> Iterator[tuple[str, str, str]]:
    """Family, place and pattern of each string."""
    for place, event in enumerate(EVENTS):  # quotes and tags in turn: every event with two of them
        for shift in (0, 3):
            quoted = ("HIT", '"HIT"', "'HIT'", "hit`NUM`")[(place + shift) % 4]
            tag = ("div", "b", "a href=#", "svg", "x tabindex=0", "input", "p contenteditable")[(place + 2 * shift) % 7]
            yield "event handlers", "body", f"<{tag} on{event}={quoted}>x"
    for (place, opening), event in product(ATTRIBUTES, ON):
        yield "attributes", place, opening.format(event)
    for (place, closing), alone in product(CLOSERS, ALONE):
        yield "closing tags", place, f"{closing}{alone}"
    for scheme in SCHEMES:
        yield "addresses", "address", scheme
    for scheme in SCHEMES[:10]:
        yield "addresses", "frame", f"{scheme};"
    for scheme in ("data:text/html,<script>HIT</script>", "data:text/html;charset=utf-8,<svg onload=HIT>",
                   "data:text/html;base64,PHNjcmlwdD4=#NUM", "DATA:text/html,<img src=x onerror=HIT>",
                   "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='HIT'/>",
                   "data:application/xhtml+xml,<script xmlns='http://www.w3.org/1999/xhtml'>HIT</script>",
                   "data:text/html,%3Cscript%3EHIT%3C/script%3E", "URL", "//127.0.0.1:47811/NUM", "\\\\127.0.0.1:47811/NUM",
                   "http:/\\127.0.0.1:47811/NUM", "http:127.0.0.1:47811/NUM", "http://x:y@127.0.0.1:47811/NUM"):  # fmt: skip
        yield "addresses", "frame", scheme
    for scheme in ("vbscript:HIT", "livescript:HIT", "mocha:HIT", "jar:URL!/", "feed:javascript:HIT", "view-source:URL",
                   "ms-msdt:NUM", "file:///etc/NUM", "filesystem:NUM", "about:NUM", "mailto:NUM@x?body=HIT"):  # fmt: skip
        yield "addresses", "nowhere", scheme
    for place, (link, address) in enumerate(product(LINKS, ENTITIES)):
        yield "links", "body", link.format(address, n=place)
    for name, patterns in (("drawings", DRAWN), ("odd tags", ODD_TAGS)):
        for pattern in patterns:
            yield name, "body", pattern
    for pattern in TWICE:
        yield "second reading", "innerhtml", pattern
    for place, pattern in PROGRAM:
        yield "programs", place, pattern
    for place, pattern in SHEET:
        yield "style sheets", place, pattern
    for pattern in WRITTEN:
        yield "Markdown", "markdown", pattern
    for name, patterns in (("templates", TEMPLATES), ("drawing library", DRAWING), ("odd signs", ODD_SIGNS),
                           ("spreadsheets", SHEETS), ("file names", FILES)):  # fmt: skip
        for pattern in patterns:
            yield name, "body" if "<script>HIT" in pattern else "nowhere", pattern
    for name in CLOBBER:
        for pattern in ("<form id={}><input name=NUM></form>", '<a id={0}></a><a id={0} name=NUM href="cid:NUM">x</a>'):
            yield "names of scripts", "nowhere", pattern.format(name)
