"""Words that say nothing about what is looked for: English, and those of German, French and Spanish that are no
content words in another of these languages (`die`, `war`, `son`, `sin` stay)."""

from __future__ import annotations

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being below between both
but by can could did do does doing down during each few for from further had has have having he her here hers herself
him himself his how i if in into is it its itself just ll me more most my myself no nor not now of off on once only or
other our ours out over own please re s same she should so some such t than that the their theirs them then there
these they this those through to too under until up us ve very was we were what when where which while who whom whose
why will with would you your yours aren couldn didn doesn don hadn hasn haven isn shouldn wasn weren wouldn
"""
_GERMAN = """
aber als auch auf aus bei beim bin bis bist da damit dann das dass dein deine dem den der des dich dies diese diesem
diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es euch euer für gegen gibt hatte hatten
ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im ist ja jede jeder jedes kann kein keine keinem keinen können
mein meine mich mir mit muss müssen nach nicht noch nur ob oder ohne sehr sein seine seinem seinen seiner sich sie
sind soll sollen sollte sondern über um und uns unser unsere vom von vor wann warum weil welche welchem welchen
welcher welches wenn wer werden wessen wie wieder wir wird wo wurde wurden zu zum zur zwischen
"""
_FRENCH = """
au aux avec ce ces cet cette comment dans de des du elle elles en est et eux il ils je la le les leur leurs lui mais
ma mes moi ne nos notre nous ont où ou par pas pourquoi qu quand que quel quelle quelles quels qui sa se ses si sont
sur ta te tes toi tu un une vos votre vous
"""
_SPANISH = """
al como con cual cuando cuál cuáles cuándo cómo del desde donde dónde el ella ellas ellos era eran esa ese eso esta
este esto está están fue fueron ha hay las lo los mi mis muy más ni nosotros o para pero por porque qué quién quiénes
su sus también tiene tu un una unas uno unos y ya
"""

STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH}".split())
