"""Which drawings of the free sets the starter's world takes, and how people call them beside the sets' own labels.

Things are Fluent emoji (flat, MIT, Microsoft), chosen by the subgroups of emojibase-data (MIT). Icons are Phosphor's (MIT), each solid and outline, in any colour.
Left out: flags, logos, brands, faces of real people, religion, weapons that no product page needs, and what 256 pixels can't show.
"""

SUBGROUPS = """animal-mammal animal-bird animal-amphibian animal-reptile animal-marine animal-bug plant-flower plant-other
food-fruit food-vegetable food-prepared food-asian food-sweet drink dishware place-map place-geographic place-building place-other
transport-ground transport-water transport-air hotel sky-weather event award-medal sport game arts-crafts clothing sound music
musical-instrument phone computer light-video book-paper money mail writing office lock tool science medical household""".split()

ALSO = """skull|ghost|alien|alien monster|robot|clown face|pile of poo|grinning face with big eyes|smiling face with smiling eyes|face with tears of joy|
smiling face with heart-eyes|star-struck|winking face|smiling face with sunglasses|nerd face|thinking face|sleeping face|crying face|loudly crying face|
angry face|partying face|cowboy hat face|face screaming in fear|neutral face|frowning face|face blowing a kiss|zany face|exploding head|hot face|cold face|
face with medical mask|smiling face with halo|smiling face with horns|upside-down face|hugging face|grinning cat|smiling cat with heart-eyes|
heart with arrow|heart with ribbon|sparkling heart|broken heart|heart on fire|hundred points|collision|dizzy|speech balloon|thought balloon|
watch|alarm clock|stopwatch|hourglass done|mantelpiece clock|identification card|placard|moai|
thumbs up|thumbs down|waving hand|clapping hands|victory hand|OK hand|raised fist|folded hands|handshake|flexed biceps|raising hands|backhand index pointing right|
writing hand|eye|eyes|ear|nose|tongue|tooth|bone|brain|anatomical heart|footprints|bust in silhouette|
baby|boy|girl|man|woman|older person|woman: curly hair|man: beard|technologist|woman technologist|man technologist|artist|astronaut|health worker|student|teacher|cook|farmer|
mechanic|scientist|singer|pilot|firefighter|police officer|construction worker|detective|office worker|princess|prince|mage|fairy|mermaid|Santa Claus|ninja|superhero|zombie|vampire|elf|
person running|person walking|woman dancing|person in lotus position|person surfing|person swimming|person biking|person climbing|snowboarder|person bouncing ball|person lifting weights|
no entry|warning|prohibited|check mark button|cross mark|question mark|red exclamation mark|sparkle|recycling symbol|infinity|peace symbol|yin yang""".replace("\n", "").split("|")

NOT = """guide dog|service dog|pig nose|monkey face|dodo|wing|empty nest|nest with eggs|microbe|rosette|globe showing Asia-Australia|globe showing Americas|world map|map of Japan|
building construction|derelict house|love hotel|Tokyo tower|Japanese post office|wedding|barber pole|national park|tanabata tree|pine decoration|Japanese dolls|carp streamer|
moon viewing ceremony|red envelope|railway car|high-speed train|bullet train|metro|light rail|station|mountain railway|tram car|oncoming bus|trolleybus|minibus|oncoming police car|
oncoming taxi|oncoming automobile|articulated lorry|motorway|railway track|oil drum|suspension railway|mountain cableway|aerial tramway|seat|ferry|
waxing crescent moon|first quarter moon|waxing gibbous moon|waning gibbous moon|last quarter moon|waning crescent moon|new moon|new moon face|first quarter moon face|last quarter moon face|full moon face|
fog|foggy|milky way|sun behind small cloud|sun behind rain cloud|sun behind large cloud|snowman without snow|umbrella on ground|umbrella|cricket game|field hockey|lacrosse|softball|flying disc|martial arts uniform|
mahjong red dragon|flower playing cards|joker|spade suit|heart suit|diamond suit|club suit|water pistol|nesting dolls|sari|briefs|thong sandal|clutch bag|prayer beads|military helmet|woman’s sandal|
hair pick|kimono|one-piece swimsuit|bikini|pager|computer disk|dvd|trackball|fax machine|camera with flash|videocassette|magnifying glass tilted right|red paper lantern|diya lamp|
page with curl|ledger|rolled-up newspaper|bookmark tabs|green book|blue book|orange book|yen banknote|euro banknote|pound banknote|chart increasing with yen|e-mail|incoming envelope|envelope with arrow|
outbox tray|inbox tray|closed mailbox with lowered flag|open mailbox with raised flag|open mailbox with lowered flag|ballot box with ballot|black nib|open file folder|card index|card file box|
linked paperclips|locked with pen|locked with key|old key|hammer and pick|hammer and wrench|dagger|bomb|clamp|white cane|hook|chains|petri dish|syringe|drop of blood|crutch|x-ray|elevator|plunger|mouse trap|
razor|lotion bottle|safety pin|cigarette|coffin|headstone|funeral urn|nazar amulet|hamsa|rice cracker|oden|fish cake with swirl|moon cake|tamale|fondue|shallow pan of food|canned food|sake|mate|pouring liquid|
jar|amphora|roasted sweet potato|flatbread|stuffed flatbread|cut of meat|beans|ginger root|brown mushroom|custard|dango|person in suit levitating|oncoming fist|
kaaba|synagogue|mosque|hindu temple|church|shinto shrine|stadium|brick|wood|rock|hut|carousel horse|playground slide|circus tent|bellhop bell|wind face|cyclone|comet|speaker low volume|speaker medium volume|level slider|
control knobs|musical keyboard|mobile phone with arrow|low battery|optical disk|abacus|film frames|film projector|page facing up|money with wings|card index dividers|tear-off calendar|spiral calendar|round pushpin|
straight ruler|file cabinet|carpentry saw|pick|manual wheelchair|motorized wheelchair|auto rickshaw|horizontal traffic light|wheel|ring buoy|passenger ship|motor boat|airplane arrival|
chess pawn|slot machine|yo-yo|sewing needle|knot|notebook with decorative cover|wilted flower|hyacinth|white flower|sheaf of rice|leaf fluttering in wind|fallen leaf|two-hump camel|ram|ewe|ox|water buffalo|boar|dashing away""".replace("\n", "").split("|")

NAMES = """cherries: cherry|grapes: grape, bunch of grapes|blueberries: blueberry|peanuts: peanut, nut|chopsticks: pair of chopsticks|
automobile: car, auto|red apple: apple|hot beverage: coffee, coffee cup, cup of coffee, hot drink, tea, latte|steaming bowl: ramen, noodles, noodle soup, bowl of ramen, soup|
front-facing baby chick: chick|baby chick: small chick|hatching chick: hatching egg|honeybee: bee|light bulb: bulb, idea, lightbulb|wrapped gift: gift, present, gift box|mobile phone: phone, smartphone, iphone|
evergreen tree: pine tree, pine, fir, conifer|deciduous tree: oak, round tree|mouse face: cartoon mouse|dog face: puppy, dog head, puppy face, cute dog|cat face: kitten, cat head, kitty, cute cat|
fox: foxes, red fox|spouting whale: blue whale|hamburger: burger, cheeseburger|french fries: fries, chips|poultry leg: chicken leg, drumstick|meat on bone: meat|egg: eggs|cooking: fried egg, frying pan|
pot of food: stew|bowl with spoon: cereal, bowl|green salad: salad|soft ice cream: ice cream cone, soft serve|ice cream: sundae, bowl of ice cream|doughnut: donut, glazed donut|birthday cake: cake|shortcake: slice of cake, piece of cake|
bottle with popping cork: champagne, champagne bottle|wine glass: wine, glass of wine|cocktail glass: cocktail, martini|tropical drink: cocktail with umbrella, smoothie|beer mug: beer|clinking beer mugs: cheers, beers|
cup with straw: soda, soft drink, lemonade|glass of milk: milk|fork and knife with plate: plate, dinner|fork and knife: cutlery, fork|globe with meridians: web, internet globe|globe showing Europe-Africa: globe, earth, planet earth, world|
snow-capped mountain: snowy mountain, alps|beach with umbrella: beach, beach umbrella|desert island: island, tropical island|classical building: temple, museum, bank building|houses: village, neighborhood|
house with garden: home with garden, cottage|office building: office, skyscraper|night with stars: starry night, starry sky|cityscape: city, skyline, city skyline|sunrise over mountains: mountain sunrise|
cityscape at dusk: city at dusk|bridge at night: golden gate bridge, bridge|hot springs: steam|locomotive: steam train|train: commuter train|fire engine: fire truck|sport utility vehicle: suv, jeep|delivery truck: truck, lorry, van|
racing car: race car, formula one|motor scooter: scooter, vespa|bicycle: bike|fuel pump: gas station, gas pump|police car light: siren, emergency light|vertical traffic light: traffic light|ship: cruise ship, boat|sailboat: sailing boat, yacht|
speedboat: motorboat|airplane: plane, aeroplane, jet|rocket: spaceship, rocket ship, startup rocket|flying saucer: ufo|satellite: space satellite|luggage: suitcase, travel bag|sun with face: smiling sun|
ringed planet: saturn, planet|star: gold star|glowing star: shining star|shooting star: falling star|sun behind cloud: partly cloudy, partly sunny, sun and cloud, weather|cloud with lightning and rain: thunderstorm, storm|
cloud with rain: rain, rainy cloud, rain cloud|cloud with snow: snow, snow cloud|cloud with lightning: lightning cloud|umbrella with rain drops: umbrella, open umbrella|closed umbrella: folded umbrella|
high voltage: electricity|fire: flame, campfire|droplet: water drop|water wave: wave, ocean wave|Christmas tree: xmas tree|jack-o-lantern: pumpkin, halloween pumpkin|sparkles: magic sparkle, ai sparkle|party popper: confetti, celebration, party|
confetti ball: party ball|sports medal: medal|1st place medal: gold medal, first place|2nd place medal: silver medal, second place|3rd place medal: bronze medal, third place|trophy: cup, winner cup|soccer ball: football ball|american football: football|
bullseye: target, dart, goal|pool 8 ball: billiards, eight ball|video game: game controller, gamepad, controller|game die: dice, die|puzzle piece: puzzle, jigsaw|teddy bear: teddy, stuffed bear|performing arts: theater masks, theatre|
framed picture: painting, picture frame|artist palette: palette, paint palette|thread: sewing thread|yarn: ball of yarn|eyeglasses: glasses|t-shirt: shirt, tshirt|man’s shoe: shoe, dress shoe|running shoe: sneaker, sneakers|high-heeled shoe: high heel, heels|
woman’s boot: boot, boots|woman’s hat: sun hat|graduation cap: mortarboard|billed cap: baseball cap, cap|rescue worker’s helmet: helmet|ring: diamond ring, engagement ring|gem stone: gem, diamond gem, jewel|muted speaker: mute|speaker high volume: speaker, volume|
bell: notification bell|bell with slash: muted bell, notifications off|studio microphone: podcast microphone|headphone: headphones|musical note: music note, note|musical notes: music, music notes|telephone: old phone, landline|telephone receiver: phone receiver|
electric plug: plug|laptop: notebook computer, macbook|desktop computer: computer, monitor, pc|computer mouse: pc mouse|floppy disk: save disk|movie camera: film camera|clapper board: clapperboard, film|television: tv|
magnifying glass tilted left: magnifying glass, magnifier|closed book: red book, book|open book: reading|books: stack of books|newspaper: news|label: price tag, tag|money bag: bag of money|dollar banknote: banknote, dollar bill, cash, money|
credit card: bank card|receipt: bill|envelope: mail, post|package: box, parcel, cardboard box|closed mailbox with raised flag: mailbox|postbox: letterbox|memo: note and pencil, notepad|file folder: folder|calendar: date|spiral notepad: notepad page|
chart increasing: growth chart, line chart, rising chart, graph|chart decreasing: falling chart|bar chart: chart, statistics|pushpin: pin|wastebasket: trash can, bin|locked: padlock, lock|unlocked: open lock|crossed swords: swords|gear: cog, settings gear|balance scale: scales, justice|
link: chain link|toolbox: tool box|alembic: flask|test tube: lab tube|satellite antenna: satellite dish|pill: medicine, capsule|adhesive bandage: bandage, band aid|couch and lamp: sofa, couch|roll of paper: toilet paper|bucket: pail|soap: bar of soap|
shopping cart: trolley|person in lotus position: meditation, person meditating, yoga|technologist: person working on laptop, person with laptop, developer, programmer, coder|woman technologist: woman working on laptop, woman with laptop|man technologist: man working on laptop, man with laptop|office worker: businessman, businesswoman, business person, manager|health worker: doctor, nurse|
cook: chef|Santa Claus: santa|woman: curly hair: woman with curly hair, curly haired woman|mage: wizard|person biking: cyclist, person riding a bike|person running: runner|woman dancing: dancer|bust in silhouette: silhouette|ghost: cute ghost|robot: robot head, bot|alien: extraterrestrial|pile of poo: poop|
smiling face with smiling eyes: smiling face, smiley, smiley face, happy face, smile|face with tears of joy: laughing face|smiling face with heart-eyes: heart eyes, love face|crying face: sad face|check mark button: check button|question mark: question|red exclamation mark: exclamation mark|
warning: warning sign|no entry: stop|heart with ribbon: heart gift|hundred points: 100|collision: explosion, boom|speech balloon: speech bubble emoji|clapping hands: applause|flexed biceps: muscle, strong arm|folded hands: praying hands|backhand index pointing right: pointing hand, pointing finger|victory hand: peace sign|
sauropod: dinosaur, brontosaurus|T-Rex: tyrannosaurus, t rex|lady beetle: ladybug, ladybird|blowfish: pufferfish|fallen leaf: autumn leaf|seedling: sprout, plant, young plant|potted plant: houseplant, plant pot|herb: herbs, leaves|four leaf clover: clover, lucky clover|
cherry blossom: sakura|blossom: yellow flower, daisy flower|tangerine: orange fruit, mandarin|ear of corn: corn|hot pepper: chili, chili pepper|leafy green: lettuce|red paper lantern: lantern|hourglass done: hourglass|mantelpiece clock: clock|wheelchair symbol: wheelchair|snowboarder: snowboarding|
bus: coach|dove: white dove|eagle: hawk|rabbit face: bunny|monkey: ape|bear: bear face|panda: panda bear|koala: koala bear|lion: lion face|tiger face: tiger head|horse face: horse head|unicorn: unicorn head|cow face: cow head|pig face: pig head, piggy|chicken: hen|bird: little bird|fish: blue fish|wolf: wolf face|frog: frog face|
pizza: pizza slice|sandwich: toast|avocado: avocado half|bread: loaf of bread|cheese wedge: cheese|popcorn: movie popcorn|takeout box: takeaway|cookie: biscuit|chocolate bar: chocolate|honey pot: honey|teapot: pot of tea|teacup without handle: green tea, cup of tea|bubble tea: boba|
camping: campsite|desert: desert emoji|tent: camping tent|school: school building|hospital: clinic|hotel: hotel building|factory: plant building|castle: fairytale castle|fountain: water fountain|convenience store: shop, store|crescent moon: moon sickle|full moon: moon circle|fireworks: firework|balloon: balloons, red balloon|
smiling face with sunglasses: cool face|magic wand: wand|crown: king crown, queen crown|necktie: tie|backpack: school bag, rucksack|handbag: bag, purse bag|shopping bags: shopping bag|key: house key|hammer: tool|microscope: lab microscope|thermometer: temperature|rainbow: rainbow arc|candle: candles|door: front door|camera: photo camera""".replace("\n", "").split("|")

ICONS = """house: home|magnifying-glass: search, magnifier|gear: settings, cog, preferences|user: profile, account, person, avatar|users: people, team, group|bell: notification, alert bell, notifications|heart: like, favorite, love|star: favourite, rating|envelope-simple: mail, email, message|
phone: call, telephone|chat-circle: chat, comment, speech bubble|chat-dots: messaging, typing|shopping-cart: cart, basket, checkout|bag: shopping bag|credit-card: payment, card|wallet: purse|camera: photo camera|image: picture, gallery|play: play button, start|pause: pause button|
stop: stop button|skip-forward: next|skip-back: previous|microphone: mic, voice|speaker-high: volume, sound|video-camera: video|music-note: music|calendar-blank: calendar, date, schedule|clock: time|map-pin: location, pin, marker, place|compass: explore, navigation|globe: world, web, language|
link: url, chain|paperclip: attachment, attach|trash: delete, bin, remove|pencil-simple: edit, pencil|plus: add, new|minus: subtract, less|x: close, cancel|check: done, tick, checkmark|check-circle: success, verified, completed|x-circle: error, failed|warning: caution, alert|info: information|question: help|
arrow-right: right arrow, forward, next arrow|arrow-left: left arrow, back|arrow-up: up arrow|arrow-down: down arrow|caret-right: chevron right|caret-left: chevron left|caret-up: chevron up|caret-down: chevron down, dropdown|arrows-clockwise: refresh, reload, sync|arrow-counter-clockwise: undo|arrow-clockwise: redo|
download-simple: download|upload-simple: upload|share-network: share|list: menu, hamburger menu|dots-three: more, ellipsis|grid-four: grid, apps|funnel: filter|sliders-horizontal: adjust, controls|sort-ascending: sort|eye: view, show, visible|eye-slash: hide, hidden|lock: locked, security, padlock|lock-open: unlock|key: password|shield: protection, security shield|
shield-check: secure, safe|fingerprint: biometric|sign-in: login, log in|sign-out: logout, log out|power: power button, on off|wifi-high: wifi, wireless|bluetooth: bluetooth symbol|battery-full: battery|plug: power plug|cloud: cloud storage|cloud-arrow-up: cloud upload|cloud-arrow-down: cloud download|database: storage, data|hard-drives: server, servers|desktop: computer, monitor|laptop: notebook computer|
device-mobile: mobile, phone screen, smartphone|printer: print|keyboard: keys|cursor: pointer, mouse pointer|code: developer, html|terminal-window: terminal, console|bug: insect, error report|git-branch: branch|file: document|file-text: text file, doc|folder: directory|folder-open: open folder|copy: duplicate|clipboard-text: clipboard, tasks|book-open: reading, read|
bookmark-simple: bookmark, save|tag: label, price|ticket: coupon|gift: present|trophy: award, winner|medal: prize|crown: premium, king|flag: milestone|lightning: flash, bolt, fast|fire: hot, trending|sun: brightness|moon: moon symbol|snowflake: winter, frozen|drop: water|leaf: eco, nature|tree: forest|flower: bloom|paw-print: pet, animal|
car: vehicle, drive|truck: delivery, shipping|airplane: flight, plane, travel|bicycle: bike, cycling|train: rail|bus: transit|rocket: launch, startup|anchor: marine|coffee: cafe, break|fork-knife: restaurant, dining|pizza: food slice|wine: drink|briefcase: work, business, job|buildings: company, city|storefront: shop, store|bank: finance|factory: industry|
chart-bar: statistics, analytics, bar chart|chart-line-up: growth, trend|chart-pie-slice: pie chart|presentation: slides|currency-dollar: dollar, price, money|coins: savings|piggy-bank: save money|receipt: invoice, bill|calculator: compute|graduation-cap: education, learn|lightbulb: idea, tip|puzzle-piece: plugin, extension|paint-brush: design, brush|palette: colors, theme|
scissors: cut|ruler: measure|wrench: repair, tool|hammer: build|package: box, product|cube: 3d, object|stack: layers|target: goal, focus|thumbs-up: approve, agree|thumbs-down: dislike|hand-waving: hello, wave|handshake: deal, partnership|smiley: happy, emoji, face|smiley-sad: sad, unhappy|robot: bot, ai, assistant|magic-wand: generate, magic|sparkle: ai, magic star|
game-controller: gaming, games|headphones: audio, listen|television: tv|lamp: furniture, light|bed: sleep|couch: sofa|shower: bathroom|first-aid: medical, health|heartbeat: pulse, health monitor|pill: medicine|stethoscope: doctor|barbell: fitness, gym|umbrella: insurance|thermometer: temperature|newspaper: news|megaphone: announcement, marketing|
paper-plane-tilt: send, paper plane|map-trifold: map|translate: language translation|qr-code: scan code|crop: crop image|selection: select|arrows-out: fullscreen, expand|archive: storage box|circle: ring|square: box outline|triangle: triangle outline|hexagon: hexagon outline""".replace("\n", "").split("|")


def aliases(lines: list[str]) -> dict[str, list[str]]:
    """"label: name, name" -> {label: [name, ...]}; a label may itself hold ": "."""
    found = {}
    for line in lines:
        label, names = line.strip().rsplit(": ", 1)
        found[label] = [name.strip() for name in names.split(",")]
    return found
