"""Names in other languages for what the captions say in English, and words that lead to it (vocabulary.py).

Base forms: models/run/vocabulary takes endings off ("rotes" -> "rot"), where a language has them. Names with a slash between
them stand for the same thing; Japanese is written without spaces and lists the forms that stand before a noun, too.
"""

LANGUAGES = ["de", "fr", "es", "ja"]

COLOURS = {
    "red": ("rot/scharlachrot", "rouge/rouges", "rojo/roja", "赤い/赤/赤色の/赤色"),
    "orange": ("orange/orangefarben", "orange", "naranja/anaranjado/anaranjada", "オレンジ色の/オレンジ色/オレンジの/オレンジ/橙色"),
    "yellow": ("gelb/golden", "jaune/doré/dorée", "amarillo/amarilla/dorado/dorada", "黄色い/黄色の/黄色/金色の/金色"),
    "green": ("grün", "vert/verte", "verde", "緑の/緑色の/緑色/緑/グリーン"),
    "mint": ("mint/mintgrün/hellgrün", "menthe/vert menthe/vert clair", "menta/verde menta/verde claro", "ミント色の/ミント色/黄緑の/黄緑/薄緑"),
    "teal": ("türkis/petrol/blaugrün", "turquoise/sarcelle", "turquesa/verde azulado", "青緑の/青緑/ターコイズ"),
    "light blue": ("hellblau/himmelblau", "bleu clair/bleu ciel", "azul claro/celeste", "水色の/水色/空色の/空色"),
    "blue": ("blau", "bleu/bleue", "azul", "青い/青/青色の/青色/ブルー"),
    "navy": ("dunkelblau/marineblau", "bleu marine/bleu foncé", "azul marino/azul oscuro", "紺色の/紺色/紺"),
    "purple": ("lila/violett", "violet/violette/pourpre", "morado/morada/púrpura/violeta", "紫の/紫色の/紫色/紫"),
    "lavender": ("lavendel/flieder/helllila", "lavande/lilas", "lavanda", "ラベンダー色の/ラベンダー色/薄紫"),
    "pink": ("rosa/pink", "rose", "rosa/rosado/rosada", "ピンク色の/ピンク色/ピンクの/ピンク/桃色"),
    "maroon": ("dunkelrot/weinrot/bordeaux", "bordeaux/rouge foncé", "granate/burdeos/rojo oscuro", "えんじ色の/えんじ色/ワインレッド"),
    "brown": ("braun", "marron/brun/brune", "marrón/café", "茶色い/茶色の/茶色"),
    "beige": ("beige/sandfarben/cremefarben", "beige/crème", "beige/crema", "ベージュの/ベージュ/クリーム色"),
    "white": ("weiß/weiss", "blanc/blanche", "blanco/blanca", "白い/白/白色の/白色"),
    "gray": ("grau", "gris/grise", "gris", "灰色の/灰色/グレーの/グレー"),
    "black": ("schwarz", "noir/noire", "negro/negra", "黒い/黒/黒色の/黒色"),
}

CONCEPTS = {
    "circle": ("Kreis/Punkt/Scheibe", "cercle/rond/disque/point", "círculo/disco/punto", "円/丸/まる/丸い"),
    "square": ("Quadrat", "carré", "cuadrado", "正方形/四角形/四角"),
    "rectangle": ("Rechteck", "rectangle", "rectángulo", "長方形"),
    "triangle": ("Dreieck", "triangle", "triángulo", "三角形/三角"),
    "star": ("Stern", "étoile", "estrella", "星/スター"),
    "heart": ("Herz/Herzen", "cœur/coeur", "corazón/corazones", "ハート/心"),
    "hexagon": ("Sechseck", "hexagone", "hexágono", "六角形"),
    "diamond": ("Raute/Diamant/Karo", "losange/diamant", "rombo/diamante", "ひし形/菱形/ダイヤ"),
    "ring": ("Ring", "anneau/anneaux/bague", "anillo/rosquilla", "リング/輪/ドーナツ"),
    "crescent": ("Mond/Halbmond/Mondsichel", "lune/croissant/demi-lune", "luna/media luna", "三日月/月"),
    "cross": ("Kreuz/Plus/Pluszeichen", "croix/plus", "cruz/más", "十字/プラス"),
    "drop": ("Tropfen/Wassertropfen/Regentropfen", "goutte/goutte d'eau", "gota/gota de agua", "しずく/雫/水滴"),
    "oval": ("Oval/Ellipse", "ovale/ellipse", "óvalo/elipse", "楕円"),
    "arrow": ("Pfeil", "flèche", "flecha", "矢印/矢"),
    "cloud": ("Wolke", "nuage", "nube", "雲/くも"),
    "flower": ("Blume/Blüte/Gänseblümchen", "fleur/marguerite", "flor/margarita", "花/フラワー"),
    "sun": ("Sonne", "soleil", "sol", "太陽/お日様"),
    "tree": ("Baum", "arbre", "árbol", "木/樹木"),
    "house": ("Haus/Häuser", "maison", "casa/hogar", "家/ホーム"),
    "leaf": ("Blatt/Blätter", "feuille", "hoja", "葉っぱ/葉"),
    "bolt": ("Blitz", "éclair", "rayo/relámpago", "稲妻/雷"),
    "check": ("Haken/Häkchen", "coche", "marca de verificación/visto", "チェックマーク/チェック"),
    "bubble": ("Sprechblase", "bulle/bulle de texte", "bocadillo/globo de texto/burbuja", "吹き出し"),
    "person": ("Person/Mensch/Benutzer/Nutzer/Profil", "personne/utilisateur/profil", "persona/usuario/perfil", "人物/人/ユーザー"),
    "gradient": ("Verlauf/Farbverlauf", "dégradé", "degradado/gradiente", "グラデーション"),
    "radial": ("radialer Verlauf/Leuchten", "dégradé radial/lueur", "degradado radial/resplandor", "放射状グラデーション"),
    "mesh": ("weicher Verlauf/Polarlicht", "dégradé flou", "degradado suave", "メッシュグラデーション"),
    "blobs": ("Kleckse/organische Formen", "taches/formes organiques", "manchas/formas orgánicas", "ブロブ"),
    "waves": ("Wellen", "vagues", "olas/ondas", "波"),
    "stripes": ("Streifen/Streifenmuster/Linien", "rayures/bandes/lignes", "rayas/líneas", "縞模様/縞/ストライプ"),
    "dots": ("Punkte/Punktmuster/Tupfen", "pois/points", "lunares/puntos", "水玉模様/水玉/ドット"),
    "checks": ("Schachbrett/Schachbrettmuster/Karomuster", "damier/carreaux", "cuadros/tablero de ajedrez", "市松模様/チェック柄"),
    "wavy lines": ("Wellenlinien/Wellenmuster", "lignes ondulées", "líneas onduladas", "波線"),
    "triangles": ("Dreieckmuster/Dreiecksmuster", "motif de triangles", "patrón de triángulos", "三角模様"),
    "terrazzo": ("Terrazzo", "terrazzo", "terrazo", "テラゾー"),
    "badge": ("Abzeichen/Plakette", "badge/insigne", "insignia", "バッジ"),
    "mountains": ("Berge/Gebirge/Berg", "montagnes/montagne", "montañas/montaña", "山脈/山々/山"),
    "sea": ("Meer/See/Ozean", "mer/océan", "mar/océano", "海"),
    "hills": ("Hügel/Wiese", "collines/colline/prairie", "colinas/colina/pradera", "丘"),
    "desert": ("Wüste/Dünen/Düne", "désert/dunes/dune", "desierto/dunas/duna", "砂漠"),
    "forest": ("Wald", "forêt", "bosque", "森/林"),
    "city": ("Stadt/Skyline/Hochhäuser", "ville/gratte-ciel", "ciudad/rascacielos", "都市/街/町"),
}

WORDS = {
    "size": {
        "small": ("klein/winzig", "petit", "pequeño/pequeña", "小さな/小さい"),
        "medium": ("mittelgroß", "moyen/moyenne", "mediano/mediana", "中くらいの"),
        "large": ("groß/riesig", "grand/gros/grosse", "grande/gran/enorme", "大きな/大きい"),
    },
    "place": {
        "top left": ("oben links/links oben", "en haut à gauche", "arriba a la izquierda", "左上に/左上"),
        "top": ("oben", "en haut", "arriba", "上部に"),
        "top right": ("oben rechts/rechts oben", "en haut à droite", "arriba a la derecha", "右上に/右上"),
        "left": ("links", "à gauche", "a la izquierda", "左側に/左に/左"),
        "center": ("in der Mitte/mittig/zentriert", "au centre/au milieu", "en el centro/en medio/centrado", "中央に/中央/真ん中に/真ん中"),
        "right": ("rechts", "à droite", "a la derecha", "右側に/右に/右"),
        "bottom left": ("unten links/links unten", "en bas à gauche", "abajo a la izquierda", "左下に/左下"),
        "bottom": ("unten", "en bas", "abajo", "下部に"),
        "bottom right": ("unten rechts/rechts unten", "en bas à droite", "abajo a la derecha", "右下に/右下"),
    },
    "count": {
        "1": ("eins", "", "", "一つの/ひとつの/1つの"),
        "2": ("zwei", "deux", "dos", "二つの/ふたつの/2つの/二つ/2つ"),
        "3": ("drei", "trois", "tres", "三つの/みっつの/3つの/三つ/3つ"),
        "4": ("vier", "quatre", "cuatro", "四つの/4つの/四つ/4つ"),
        "5": ("fünf", "cinq", "cinco", "五つの/5つの/五つ/5つ"),
        "6": ("sechs", "six", "seis", "六つの/6つの"),
        "7": ("sieben", "sept", "siete", "七つの/7つの"),
        "8": ("acht", "huit", "ocho", "八つの/8つの"),
        "9": ("neun", "neuf", "nueve", "九つの/9つの"),
        "10": ("zehn", "dix", "diez", "十個の/10個の"),
        "12": ("zwölf/Dutzend", "douze/douzaine", "doce/docena", ""),
    },
    "relation": {
        "on": ("auf/vor", "sur/devant", "sobre/delante de/en fondo", "の上の"),
        "above": ("über/oberhalb von", "au-dessus de/au-dessus du/au-dessus d", "encima de/por encima de", "の上に/の上"),
        "below": ("unter/unterhalb von", "sous/au-dessous de/en dessous de/au-dessous d/en dessous d", "debajo de/bajo", "の下に/の下"),
        "left of": ("links von", "à gauche de/à gauche du/à gauche d", "a la izquierda de", "の左に/の左"),
        "right of": ("rechts von", "à droite de/à droite du/à droite d", "a la derecha de", "の右に/の右"),
        "beside": ("neben", "à côté de/à côté du/à côté d", "al lado de/junto a", "の隣に/の横に"),
        "inside": ("in/im/innerhalb von", "dans/à l'intérieur de", "en/dentro de", "の中に/の中の/の中"),
        "row": ("nebeneinander/in einer Reihe", "côte à côte/en ligne", "en fila/uno al lado del otro", "並んで/一列に"),
        "column": ("übereinander/untereinander", "en colonne/l'un sur l'autre", "en columna/uno encima de otro", "縦に並んで"),
    },
    "light": {
        "day": ("am Tag/bei Tag/tagsüber/sonnig", "le jour/de jour/ensoleillé", "de día/soleado", "昼間の/昼の/昼"),
        "sunset": ("bei Sonnenuntergang/Sonnenuntergang/am Abend/bei Sonnenaufgang/Sonnenaufgang", "au coucher du soleil/coucher de soleil/le soir/lever de soleil",
                   "al atardecer/atardecer/puesta de sol/al amanecer/amanecer", "夕焼けの/夕焼け/夕日/夕暮れの/夕暮れ"),
        "night": ("bei Nacht/nachts/in der Nacht/Nachthimmel", "la nuit/de nuit/nuit", "de noche/por la noche/noche", "夜の/夜空/夜"),
    },
    "direction": {
        "horizontal": ("waagerecht/horizontal", "horizontal", "horizontal", "横の"),
        "vertical": ("senkrecht/vertikal", "vertical", "vertical", "縦の"),
        "diagonal": ("diagonal/schräg", "diagonal", "diagonal", "斜めの"),
    },
    "joint": {"and": ("und", "et", "y/e", "と/、"), "with": ("mit/mit einem", "avec", "con", "")},
    "ground": {"background": ("Hintergrund/Untergrund", "fond/arrière-plan/fond uni", "fondo", "背景/背景の/バックグラウンド")},
    "negation": {"no": ("ohne/kein/keine/keinen/nicht", "sans/pas de/pas", "sin/no/ningún/ninguna", "")},
    "style": {
        "icon": ("Icon/Symbol", "icône/symbole", "icono/símbolo", "アイコンの/アイコン"),
        "simple": ("einfach/schlicht/minimalistisch", "simple/minimaliste", "simple/minimalista/sencillo", "シンプルな"),
        "flat": ("flach", "plat", "plano", "フラットな"),
        "cute": ("niedlich/süß", "mignon/mignonne", "lindo/bonito", "かわいい"),
        "landscape": ("Landschaft", "paysage", "paisaje", "風景"),
    },
    "filler": {
        "a": ("ein/eine/einen/einem/einer/eines/der/die/das/den/dem/des/von/nach/zu/bitte/am/bei/an/aus/Bild/Zeichnung/Illustration",
              "un/une/le/la/les/l/d/de/du/des/à/au/aux/en/vers/image/dessin/illustration",
              "un/una/unos/unas/el/la/los/las/de/del/a/al/hacia/imagen/dibujo/ilustración",
              "の/に/を/は/が/で/から/へ/な/絵/イラスト"),
    },
}  # fmt: skip

SYNONYMS = {
    "yellow": "gold", "gray": "silver", "teal": "cyan aqua", "pink": "magenta fuchsia", "red": "ruby", "orange": "amber", "purple": "plum",
    "green": "lime", "beige": "ivory", "brown": "tan", "a": "for it its this that these those there me my your our some any make create generate i want need like as very into onto through between along across",
}  # fmt: skip
"""English names that captions never use; what they are drawn as is said."""

KEYWORDS = {
    "circle": "ball sphere round coin wheel globe", "square": "box cube block", "star": "award rating favorite favourite trophy", "heart": "love like valentine wedding",
    "diamond": "gem jewel crystal", "ring": "jewelry wedding wheel", "crescent": "sleep dark lunar", "cross": "close delete medical health hospital pharmacy add math",
    "drop": "water rain liquid tear", "arrow": "next direction pointer upload download send", "cloud": "weather storage rain sky upload", "flower": "floral plant bouquet tulip nature spring blossom",
    "sun": "weather summer light sunny bright", "tree": "plant nature pine palm oak christmas garden", "house": "building office shop store cafe property estate castle barn cottage landing",
    "leaf": "plant nature eco organic garden avocado", "bolt": "energy electric power fast launching rocket electricity", "check": "verified done success approved ok tick correct",
    "bubble": "message chat comment talk support notification bell", "person": "man woman child people human avatar businesswoman businessman face team portrait meeting employee girl boy account login",
    "gradient": "blend fade color colour", "radial": "halo light subtle", "mesh": "aurora blur peach", "blobs": "abstract organic fluid liquid", "waves": "wavy abstract water",
    "stripes": "lines line striped", "dots": "spots dotted circles small", "checks": "chess plaid grid squares", "triangles": "geometric", "terrazzo": "stone confetti",
    "badge": "button award sale label sticker app logo verified", "mountains": "alps rock peak snow snowy lake", "sea": "beach water lake river island boat coast",
    "hills": "field grass nature farm meadow landscape", "desert": "sand cactus camel", "forest": "jungle pine woods nature", "city": "town buildings urban street office skyscraper",
    "orange": "peach apricot coral", "pink": "peach coral salmon pastel", "purple": "indigo", "lavender": "pastel", "mint": "pastel", "light blue": "pastel", "beige": "pastel nude", "maroon": "wine",
    "navy": "midnight indigo",
}  # fmt: skip
"""Words that are not understood but lead there."""


def names(table: dict[str, tuple[str, ...]], key: str) -> dict[str, list[str]]:
    """Names of one entry by language."""
    return {language: text.split("/") for language, text in zip(LANGUAGES, table.get(key, ()), strict=False) if text}
