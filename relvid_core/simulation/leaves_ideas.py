"""Words of the leaves under Technology, Science, Sport and Travel."""

from relvid_core.simulation.leaf import leaf

LEAVES = (
    leaf(
        "Technology",
        "Programming",
        (
            "recursion; a tiny compiler; clean functions; regular expressions; version control; "
            "a text adventure; hash tables; code review; pathfinding; a weekend web app"
        ),
        (
            "write your first test; debug without printing; build a search engine; read old code; "
            "refactor a monster; sort a million rows"
        ),
        "in fifty lines; without a framework; on a slow laptop; before lunch; one commit at a time",
        "at a hackathon; on a night train; in a terminal; at my kitchen desk",
        "self-taught coders; maintainers; code reviewers",
        ("The bug that only happens on Tuesdays; I rewrote it and it got slower; Ten lines I deleted and never missed"),
    ),
    leaf(
        "Technology",
        "Electronics",
        (
            "soldering; a weather sensor; LED matrices; microcontrollers; circuit boards; a pocket radio; "
            "battery packs; oscilloscopes; motor drivers; burnt capacitors"
        ),
        (
            "solder tiny parts; read a circuit diagram; build a radio; etch a circuit board; "
            "revive a dead amplifier; power a sensor for a year"
        ),
        "with a cheap iron; from scrap parts; on a breadboard; without smoke; for pocket money",
        "in a repair cafe; on the attic bench; at a flea market; in a school lab",
        "repair volunteers; radio amateurs; bench engineers",
        "It worked until I closed the case; A clock made of two hundred lights; Finding the one bad resistor",
    ),
    leaf(
        "Technology",
        "Robots",
        (
            "a line-following robot; robot arms; walking robots; balancing wheels; drone swarms; robot vision; "
            "soft grippers; warehouse robots; a drawing machine; servo tuning"
        ),
        ("teach a robot to walk; build a robot arm; balance on two wheels; map a room; grip an egg; tune a controller"),
        "with hobby servos; from cardboard; without falling over; in one semester; on a tiny budget",
        "in a university basement; on a farm; at a school contest; in a noisy garage",
        "robot builders; control engineers; student teams",
        "It learned to open the door; Six legs, four working; The robot that waters my plants and judges me",
    ),
    leaf(
        "Technology",
        "3D Printing",
        (
            "first layers; flexible hinges; resin prints; a printed lamp; bed levelling; print-in-place toys; "
            "threaded parts; support-free models; recycled filament; a printed clock"
        ),
        ("level a print bed; design a hinge; fix stringing; print a working clock; smooth a print; model a spare part"),
        "without supports; overnight; with recycled plastic; in one piece; on an old machine",
        "in a library makerspace; in the garage; at a print farm; on my desk",
        "print tinkerers; model designers; prop makers",
        "Twenty-six hours, then spaghetti; A gearbox you can fold; The part nobody sells any more",
    ),
    leaf(
        "Technology",
        "Retro Computing",
        (
            "8-bit games; floppy disks; pixel art; a dusty arcade cabinet; CRT screens; cartridge repair; "
            "dial-up sounds; early spreadsheets; a home computer from 1983; game speedruns"
        ),
        (
            "rescue a floppy disk; repair a CRT; write a game in 4 kilobytes; clean a cartridge; "
            "restore an arcade cabinet; draw with sixteen colours"
        ),
        "with period tools; without soldering; in sixteen colours; on original hardware; after forty years",
        "in a computer museum; in a flooded basement; at a swap meet; in my childhood bedroom",
        "collectors; pixel artists; speedrunners",
        "It still boots; Forty years of yellow plastic; The level nobody was meant to see",
    ),
    leaf(
        "Technology",
        "Cybersecurity",
        (
            "password managers; phishing emails; lock picking; home networks; encryption; capture the flag; "
            "smart doorbells; two-factor codes; data leaks; secret messages"
        ),
        (
            "spot a fake login page; lock down a router; crack a simple cipher; recover from a breach; "
            "back up properly; audit your own passwords"
        ),
        "in one evening; for non-experts; on an old phone; with free tools; before it is too late",
        "in a small office; on public wifi; at a security camp; in a hospital",
        "defenders; penetration testers; careful admins",
        "The lock took four seconds; Your printer has secrets; I let friends try to hack me",
    ),
    leaf(
        "Science",
        "Astronomy",
        (
            "Saturn's rings; a backyard telescope; exoplanets; meteor showers; black holes; the Orion nebula; "
            "moon craters; dying stars; dark skies; comet tails"
        ),
        (
            "find Andromeda by eye; align a telescope; photograph the moon; measure a star's distance; "
            "spot the space station; read the night sky"
        ),
        "with binoculars; from a city; in one clear night; with a phone; by hand",
        "in the desert; on a frozen hilltop; at an old observatory; from my balcony",
        "stargazers; telescope makers; planet hunters",
        "A planet where it rains glass; The sound of nothing; Waiting for a star to blink",
    ),
    leaf(
        "Science",
        "Chemistry",
        (
            "growing crystals; glowing liquids; copper reactions; acids and bases; kitchen chemistry; polymers; "
            "the periodic table; old pigments; rust; soap bubbles"
        ),
        (
            "grow a giant crystal; make indigo; balance an equation; extract colour from leaves; "
            "test your tap water; etch copper safely"
        ),
        "with kitchen supplies; in slow motion; without a lab; at minus forty; in one beaker",
        "in a school lab; in a glassblower's workshop; at a dye house; on a kitchen counter",
        "glassblowers; lab technicians; dye makers",
        "Blue that took a thousand years; This liquid remembers light; What is that smell, chemically?",
    ),
    leaf(
        "Science",
        "Dinosaurs",
        (
            "feathered raptors; fossil hunting; giant sauropods; dinosaur eggs; ammonites; armoured plates; "
            "amber insects; the last day of the dinosaurs; footprints in mud; a jawbone"
        ),
        (
            "find a fossil; clean a bone; read rock layers; rebuild a skeleton; cast a footprint; "
            "guess what colour it was"
        ),
        "after a storm; with a toothbrush; from one tooth; in wet clay; without breaking it",
        "on a crumbling coast; in a badlands quarry; in a museum basement; under a motorway",
        "fossil hunters; preparators; museum curators",
        "We had the head on backwards; A footprint the size of a bathtub; The egg in the filing cabinet",
    ),
    leaf(
        "Science",
        "Mathematics",
        (
            "prime numbers; infinity; knots; a stubborn proof; probability puzzles; the golden ratio; fractals; "
            "magic squares; graph colouring; an impossible shape"
        ),
        (
            "prove it without algebra; multiply like a clerk; see four dimensions; win a probability game; "
            "tile a floor forever; count the uncountable"
        ),
        "with one picture; using string; in three lines; on a napkin; with no formulas",
        "on a blackboard; in a library; at a cafe table; in a prison cell long ago",
        "puzzle makers; number theorists; curious teachers",
        "The proof that fits on a postcard; Two envelopes and a headache; Nobody knows why this works",
    ),
    leaf(
        "Science",
        "Weather",
        (
            "thunderstorms; cloud types; snow crystals; tornado chasing; monsoon rain; barometers; polar lights; "
            "fog; hailstones; jet streams"
        ),
        (
            "read the clouds; forecast from the sky; photograph lightning; build a rain gauge; measure wind; "
            "catch a snowflake"
        ),
        "without an app; from a hilltop; at night; in a heatwave; with a jam jar",
        "on the open plains; in a lighthouse; at a polar station; on a stormy pier",
        "storm chasers; forecasters; lighthouse keepers",
        "Inside the anvil; The town where it never stops raining; Lightning, a thousand frames a second",
    ),
    leaf(
        "Science",
        "Human Body",
        (
            "deep sleep; muscle memory; the inner ear; heart rhythm; gut bacteria; optical illusions; reflexes; "
            "memory tricks; cold exposure; bones"
        ),
        (
            "train your memory; hear your own heartbeat; fool your brain; measure your reflexes; "
            "fall asleep faster; understand pain"
        ),
        "in one week; with a mirror; without pills; using a stopwatch; according to evidence",
        "in a sleep lab; in an anatomy theatre; at altitude; on a treadmill",
        "physiologists; sleep researchers; curious nurses",
        "Your brain edits this sentence; The organ nobody thanks; Why yawns travel",
    ),
    leaf(
        "Sport",
        "Running",
        (
            "a first 10K; marathon pacing; hill repeats; trail running; easy miles; running form; sore shins; "
            "a parkrun; tempo runs; a midnight ultra"
        ),
        (
            "run without stopping; pace a marathon; breathe on hills; come back from injury; "
            "choose running shoes; train on three runs a week"
        ),
        "in twelve weeks; at any age; before work; in the heat; without a watch",
        "on a frozen lake; through a sleeping city; on coastal trails; around one block",
        "marathon runners; park runners; late starters",
        "Last place and very happy; The wall at kilometre thirty-two; I ran every street in my town",
    ),
    leaf(
        "Sport",
        "Cycling",
        (
            "a gravel race; mountain passes; bike fitting; flat tyres; a folding bike; touring bags; bunny hops; "
            "winter commuting; steel frames; a velodrome sprint"
        ),
        (
            "fix a puncture; climb a steep pass; true a wheel; ride in a group; pack for a bike tour; "
            "corner with confidence"
        ),
        "with one spare tube; into the wind; on an old steel bike; in ten minutes; without clip-in shoes",
        "over seven passes; along a canal; on cobbled lanes; across a salt flat",
        "touring cyclists; bike mechanics; courier riders",
        "One gear, two countries; The climb that starts at the beach; My bike was stolen and came back",
    ),
    leaf(
        "Sport",
        "Football",
        (
            "first touch; free kicks; a village cup final; pressing; street football; goalkeeping drills; "
            "offside traps; five-a-side; through balls; penalty shoot-outs"
        ),
        ("bend a free kick; press as a team; train your weak foot; save a penalty; read the game; dribble past two"),
        "in tight spaces; with a taped ball; at half pace; with eleven amateurs; in the mud",
        "on a rooftop pitch; in a harbour town; under floodlights; on a sandy island field",
        "Sunday players; keepers; youth coaches",
        ("The pass nobody saw; Ninety minutes with the worst team in the league; A pitch on the side of a volcano"),
    ),
    leaf(
        "Sport",
        "Climbing",
        (
            "bouldering falls; finger strength; crack climbing; belaying; a multi-pitch day; slab technique; "
            "chalk and skin; rope knots; lead climbing fear; deep-water solo"
        ),
        (
            "climb your first overhang; trust your feet; tie in safely; fall without panic; read a boulder; "
            "train finger strength"
        ),
        "with weak fingers; in socks; after one year off; on wet rock; at fifty",
        "on sea cliffs; in an old quarry; at the city wall; under a frozen waterfall",
        "boulderers; route setters; rope partners",
        "Forty tries on one hold; The crack that ate my knuckles; Asleep on a ledge",
    ),
    leaf(
        "Sport",
        "Swimming",
        (
            "front crawl; cold-water swimming; flip turns; open-water sighting; breaststroke timing; "
            "a channel relay; kick drills; a lido at dawn; butterfly; goggles that fog"
        ),
        (
            "breathe on both sides; swim a kilometre; learn butterfly; float without effort; "
            "sight in open water; enter cold water safely"
        ),
        "in four weeks; as an adult; without a wetsuit; with fewer strokes; in choppy sea",
        "in a glacier lake; at the old lido; across a bay; in a tidal pool",
        "open-water swimmers; swim teachers; winter bathers",
        "Four degrees and smiling; The slowest lane is the best lane; Swimming home from work",
    ),
    leaf(
        "Sport",
        "Yoga & Mobility",
        (
            "morning stretches; tight hips; handstands; sun salutations; desk shoulders; balance drills; "
            "deep squats; breathing exercises; lower back care; slow flow"
        ),
        (
            "open tight hips; hold a handstand; touch your toes; undo a day of sitting; breathe slowly; "
            "move well at sixty"
        ),
        "in ten minutes; with a chair; without a mat; after a run; before bed",
        "on a quiet beach; in a small living room; on a rooftop at dawn; in a barn",
        "stiff beginners; yoga teachers; desk workers",
        "My hips after thirty days on the floor; Upside down at fifty-nine; Stretching with a very rude cat",
    ),
    leaf(
        "Travel",
        "Trains",
        (
            "a sleeper train; narrow-gauge railways; steam engines; mountain switchbacks; signal boxes; "
            "a cab view; model railways; abandoned stations; slow trains; viaducts"
        ),
        (
            "cross a continent by rail; sleep on a night train; drive a steam engine; catch six connections; "
            "book a slow route; build a model railway"
        ),
        "with one ticket; in third class; through the snow; without flying; in two days",
        "over the high pass; along the fjord; through forty tunnels; across the steppe",
        "signal keepers; engine drivers; rail fans",
        "The station with one passenger; Breakfast in the dining car; Thirteen hours by the window",
    ),
    leaf(
        "Travel",
        "Islands",
        (
            "a car-free island; volcanic beaches; island ferries; lagoon villages; lighthouse stays; palm shade; "
            "coconut harvests; a one-shop island; coral sand; island weddings"
        ),
        (
            "live on a tiny island; hop five islands; find an empty beach; open a coconut; "
            "reach the last lighthouse; stay off-season"
        ),
        "for one month; without a plane; on ferry tickets alone; in hurricane season; with two shirts",
        "in the outer isles; on a black-sand shore; where the ferry ends; inside the lagoon",
        "ferry crews; lighthouse families; island cooks",
        "Population: eleven; The ferry left without us; An island you can walk in an hour",
    ),
    leaf(
        "Travel",
        "City Walks",
        (
            "hidden courtyards; rainy neon streets; rooftop views; old tram lines; a market quarter; "
            "canals at night; brutalist towers; stairway alleys; art deco lobbies; a city at 5 am"
        ),
        (
            "walk across a city; find the best rooftop; see a city in one day; get lost on purpose; "
            "follow a river through town; read old facades"
        ),
        "without a map; after midnight; in the rain; on zero budget; with a local",
        "in an old port; in a hillside capital; along the ring canal; beneath the elevated line",
        "night walkers; tram drivers; city guides",
        "Two hours of rain and neon; The street that moves; Every bench in the old town, rated",
    ),
    leaf(
        "Travel",
        "Ancient Ruins",
        (
            "a buried temple; Roman roads; desert tombs; stone circles; a lost city; cave paintings; "
            "broken columns; jungle pyramids; mosaic floors; an unread script"
        ),
        ("read a ruin; visit a temple at dawn; walk a Roman road; date a potsherd; explore a tomb; draw a mosaic"),
        "before the crowds; with an archaeologist; by torchlight; in one morning; with a sketchbook",
        "deep in the jungle; on a windy plateau; under a parking garage; at the desert's edge",
        "archaeologists; site guards; mosaic restorers",
        "They built it for one sunrise; The graffiti is two thousand years old; Who carried this stone?",
    ),
    leaf(
        "Travel",
        "Road Trips",
        (
            "a desert highway; roadside diners; coastal roads; a campervan build; mountain hairpins; "
            "gravel roads; ghost towns; a broken fan belt; motel signs; border crossings"
        ),
        (
            "build a campervan; drive a mountain pass; plan a long drive; fix a car with tape; live in a van; "
            "find free places to sleep"
        ),
        "on one tank; in an old hatchback; with a dog; without motorways; in winter",
        "across the high desert; down the west coast; to the last petrol station; along the ridge road",
        "van dwellers; rally drivers; roadside cooks",
        (
            "Four thousand kilometres, one cassette; The motel with a pool full of leaves; "
            "We followed the wrong river for two days"
        ),
    ),
    leaf(
        "Travel",
        "Sailing",
        (
            "a leaking sloop; knots that hold; storm sails; night watches; anchoring; a dinghy cruise; "
            "celestial navigation; harbour towns; trade winds; boat refits"
        ),
        "tie a bowline; cross an ocean; anchor in a crowded bay; read the wind; reef a sail; live aboard",
        "single-handed; without an engine; in fog; with no experience; on a shoestring",
        "in the roaring forties; among the skerries; off a lee shore; in a sleepy harbour",
        "live-aboards; boat builders; deckhands",
        "Eighteen days without land; We bought a boat for the price of a bicycle; The storm nobody forecast",
    ),
)
