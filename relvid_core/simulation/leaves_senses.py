"""Words of the leaves under Food, Outdoors, Making and Music."""

from relvid_core.simulation.leaf import leaf

LEAVES = (
    leaf(
        "Food",
        "Baking",
        (
            "sourdough starter; dark rye bread; cinnamon buns; puff pastry; lemon tart; flatbreads; "
            "brown butter cookies; focaccia; custard doughnuts; a birthday sponge"
        ),
        (
            "shape a wet dough; score a loaf; laminate pastry by hand; wake up a tired starter; "
            "bake bread in a pot; proof dough overnight"
        ),
        "without a mixer; in a cold kitchen; with three ingredients; before breakfast; using only a hand whisk",
        "in a village bakery at 4 am; in a rented kitchen; over a wood-fired oven; at a mountain hut",
        "home bakers; pastry cooks; night-shift bakers",
        (
            "My loaf collapsed and it was the flour's fault; The bun that sells out by eight; "
            "Forty layers, one rolling pin"
        ),
    ),
    leaf(
        "Food",
        "Weeknight Dinners",
        (
            "one-pan chicken; miso noodles; lentil stew; fried rice; tomato pasta; crispy tofu; shakshuka; "
            "sheet-pan salmon; a fridge-clearing curry; roast cauliflower"
        ),
        (
            "cook dinner from the pantry; feed four people cheaply; crisp tofu properly; prep a week of meals; "
            "rescue a bland sauce; cook rice that stays fluffy"
        ),
        "in twenty minutes; with one pan; on a tight budget; for picky eaters; without a recipe",
        "in a studio flat; on a camping stove at home; in a shared student kitchen; after a long day",
        "busy parents; student cooks; line cooks",
        (
            "Dinner when you have nothing but an onion; The pasta I make when I am too tired to cook; "
            "Five suppers, one chicken"
        ),
    ),
    leaf(
        "Food",
        "Street Food",
        (
            "grilled skewers; steamed dumplings; stuffed flatbread; chilli noodles; corn cakes; crispy crepes; "
            "night market snacks; spiced potato fritters; fish tacos; sweet rice balls"
        ),
        (
            "fold dumplings fast; find the best stall in town; eat all day on pocket money; grill over charcoal; "
            "order like a local; copy a stall recipe at home"
        ),
        "for under five coins; from dusk to midnight; with a queue behind you; before the rain starts",
        (
            "at a harbour night market; under a railway bridge; in a hill town; beside the bus station; "
            "on a crowded old square"
        ),
        "stall owners; night market cooks; grill masters",
        (
            "The longest queue in the market, explained; She has folded dumplings for forty years; "
            "Breakfast from a cart at sunrise"
        ),
    ),
    leaf(
        "Food",
        "Coffee",
        (
            "pour-over coffee; espresso at home; cold brew; latte art; moka pot coffee; light roasts; "
            "hand grinders; decaf beans; coffee from a tiny farm; milk foam"
        ),
        (
            "dial in an espresso; steam silky milk; roast beans in a pan; taste like a judge; descale a machine; "
            "pour a rosette"
        ),
        ("with a cheap grinder; at high altitude; using tap water; in under four minutes; before the first meeting"),
        "in a corner cafe; on a hillside farm; at a tiny home bar; in a converted garage",
        "baristas; roasters; coffee farmers",
        "Your water is ruining your coffee; Nine espressos later, an answer; The cafe with only four seats",
    ),
    leaf(
        "Food",
        "Pickles & Ferments",
        (
            "kimchi; sauerkraut; pickled onions; kombucha; garlic in honey; preserved lemons; hot sauce; "
            "miso paste; fermented carrots; plum jam"
        ),
        (
            "start a ferment safely; seal jars without fuss; save a cloudy brine; pickle a whole harvest; "
            "brew ginger soda; balance salt and time"
        ),
        "with only salt and water; in one afternoon; without special jars; for the whole winter",
        "in a cellar full of jars; on a sunny windowsill; at a farm kitchen; in a small flat that now smells",
        "ferment lovers; farm cooks; patient grandparents",
        "The jar I forgot for two years; Bubbles mean it works; Is this mould or magic?",
    ),
    leaf(
        "Food",
        "Chocolate & Sweets",
        (
            "dark truffles; salted caramel; honeycomb; fudge; marshmallows; chocolate ganache; candied orange; "
            "nougat; layered ice cream; praline"
        ),
        (
            "temper chocolate; pull sugar by hand; make caramel that never crystallises; coat truffles evenly; "
            "whip marshmallow; pour a mirror glaze"
        ),
        "without a thermometer; in humid weather; for a gift box; with two spoons; using leftover egg whites",
        ("in a basement sweet shop; at a bean-to-bar workshop; in a kitchen the size of a wardrobe; on a market stall"),
        "chocolate makers; confectioners; sugar artists",
        "From cocoa pod to shiny bar; The sound of good tempering; A caramel disaster in slow motion",
    ),
    leaf(
        "Outdoors",
        "Hiking",
        (
            "a three-day ridge trail; ultralight packs; hill walking in fog; trail shoes; a summit sunrise; "
            "hut-to-hut walking; map reading; a long descent; scree slopes; waterfall loops"
        ),
        (
            "pack for a long trail; read a contour map; cross a river safely; walk twenty miles; avoid blisters; "
            "plan a ridge walk"
        ),
        "with a ten-litre pack; in late autumn; with two days of rain; on stiff legs; without a phone signal",
        (
            "above the tree line; in the northern fells; along a forgotten pilgrim path; between two glaciers; "
            "through a silent valley"
        ),
        "thru-hikers; mountain guides; weekend walkers",
        "The ridge that made me turn back; Alone above the clouds; Eighty kilometres and one dry sock",
    ),
    leaf(
        "Outdoors",
        "Camping",
        (
            "hammock camping; a canvas tent; campfire cooking; wild camping kit; winter camping; a bivvy bag; "
            "sleeping pads; tarp shelters; a wood stove tent; van-side camping"
        ),
        (
            "light a fire in the rain; pitch a tarp; sleep warm below zero; hang a hammock; cook over embers; "
            "choose a dry pitch"
        ),
        "in a storm; with one match; for the first time; with kids; on frozen ground",
        (
            "beside a still lake; in a pine forest; on a windy headland; under a meteor shower; "
            "at the end of a gravel road"
        ),
        "wild campers; scout leaders; families outdoors",
        "Rain on canvas, nothing else; The night the tent flew away; My kit fits in one bucket",
    ),
    leaf(
        "Outdoors",
        "Gardening",
        (
            "raised beds; cherry tomatoes; compost; seed trays; a shady border; rose pruning; balcony herbs; "
            "hungry slugs; garlic planting; a no-dig plot"
        ),
        (
            "start seeds indoors; prune a fruit tree; build a compost heap; water less and grow more; "
            "save your own seed; divide old plants"
        ),
        "in heavy clay; on a balcony; before the frost; with kitchen scraps; for almost nothing",
        ("on a city rooftop; in a walled garden; at the allotment; behind a row of garages; in a cold greenhouse"),
        "allotment growers; head gardeners; plant collectors",
        "What survived the winter; One square metre, sixty salads; The neighbour's tomatoes are always better",
    ),
    leaf(
        "Outdoors",
        "Birdwatching",
        (
            "owls at dusk; wading birds; a garden feeder; migrating geese; kingfishers; bird calls; nest boxes; "
            "warblers; binoculars; hovering kestrels"
        ),
        (
            "learn ten bird calls; photograph a kingfisher; tell gulls apart; build a nest box; "
            "sit still for an hour; follow a migration"
        ),
        "before sunrise; by ear alone; without leaving the garden; with borrowed binoculars; in thick reeds",
        "on a salt marsh; in a city park; from a wooden hide; at the edge of a reservoir; on a sea cliff",
        "patient birders; ringers; reserve wardens",
        (
            "The owl that came back every night; Ten thousand starlings over a car park; "
            "I waited six hours for four seconds of blue"
        ),
    ),
    leaf(
        "Outdoors",
        "Ocean Life",
        (
            "octopus dens; coral reefs; kelp forests; whale song; jellyfish blooms; tide pools; sea turtles; "
            "deep sea fish; seahorses; reef sharks"
        ),
        (
            "explore a tide pool; film an octopus; tell dolphins apart; snorkel without scaring fish; "
            "count coral; read the tides"
        ),
        "at low tide; in cold water; on a single breath; by torchlight; from a small boat",
        ("in a kelp forest; off a volcanic coast; two hundred metres down; in a mangrove nursery; around an old wreck"),
        "marine biologists; free divers; reef keepers",
        "This octopus stole my camera; What glows in the dark sea; The fish that farms its own garden",
    ),
    leaf(
        "Outdoors",
        "Mushrooms & Foraging",
        (
            "chanterelles; wild garlic; oyster mushrooms; elderflower; spore prints; blackberries; "
            "seaweed snacks; nettle soup; bracket fungi; acorn flour"
        ),
        (
            "identify a mushroom safely; make a spore print; find ceps; gather wild garlic; "
            "dry a basket of fungi; cook nettles"
        ),
        "after the first rain; with one guidebook; without getting stung; close to home; in early spring",
        "in an old beech wood; along a hedgerow; on a foggy shore; under birch trees; in a city cemetery",
        "careful foragers; mycologists; woodland cooks",
        "The red one is beautiful and it will hurt you; A basket of gold from one oak; Fungi that eat plastic",
    ),
    leaf(
        "Making",
        "Woodworking",
        (
            "dovetail joints; hand planes; a walnut stool; spoon carving; workbench builds; oil finishes; "
            "a floating shelf; sharp chisels; green wood; reclaimed oak"
        ),
        ("cut a dovetail; sharpen a chisel; flatten a board by hand; carve a spoon; glue up a panel; build a bench"),
        "with five hand tools; in a tiny shed; from pallet wood; without screws; using offcuts only",
        "in a boat shed; in a cold garage; at a chair maker's bench; in the forest",
        "joiners; chair makers; spoon carvers",
        "One board, one box, no glue; Restoring my grandfather's plane; The joint that needs no nails",
    ),
    leaf(
        "Making",
        "Knitting",
        (
            "cable knits; sock heels; a first scarf; chunky jumpers; lace shawls; hand-dyed yarn; "
            "colourwork mittens; dropped stitches; a baby blanket; yarn spinning"
        ),
        (
            "turn a sock heel; fix a dropped stitch; read a knitting chart; dye yarn with onions; "
            "cast off loosely; knit in the round"
        ),
        "on a train; with leftover yarn; in one weekend; without a pattern; for cold hands",
        "by the stove; at a wool festival; on an island of sheep; in the back of a yarn shop",
        "sock knitters; shepherds; lace makers",
        "A jumper that took eleven years; From sheep to sleeve; I unravelled everything and feel fine",
    ),
    leaf(
        "Making",
        "Pottery",
        (
            "wheel throwing; celadon glaze; pinch pots; kiln openings; raku firing; a tall vase; "
            "handles and spouts; cracked bowls; slip decoration; a set of mugs"
        ),
        "centre clay; trim a foot ring; pull a handle; mix a glaze; throw a bowl; mend a crack with gold",
        "with wild clay; on a kick wheel; in the garden; with just two tools; after a long break",
        "in a stone studio; beside a wood kiln; at a community workshop; in a former stable",
        "studio potters; kiln builders; night class students",
        ("Opening the kiln with my eyes shut; A hundred mugs before one good one; Digging clay from the river bank"),
    ),
    leaf(
        "Making",
        "Painting",
        (
            "watercolour skies; oil portraits; gouache sketches; colour mixing; loose brushwork; a huge canvas; "
            "plein air painting; brush care; shadows; still life pears"
        ),
        ("mix natural greens; paint moving water; loosen up your brush; stretch a canvas; paint a face; see values"),
        "with three colours; in twenty minutes; in the rain; from memory; using house paint",
        "on a harbour wall; in a north-facing studio; at a kitchen table; in a meadow",
        "landscape painters; portrait painters; art students",
        "I painted the same tree for a year; The grey that makes everything glow; When to stop",
    ),
    leaf(
        "Making",
        "Origami",
        (
            "a paper crane; modular stars; wet folding; box pleating; paper lanterns; a folded dragon; "
            "envelope tricks; tessellations; pocket frogs; giant paper boats"
        ),
        (
            "fold a crane; read crease patterns; wet-fold a curve; collapse a tessellation; "
            "design your own model; make a box from a receipt"
        ),
        "with one square sheet; blindfolded; out of tickets; in seven folds; with no cuts",
        "at a paper mill; on a slow bus; in a library; at a kitchen table",
        "paper folders; paper makers; puzzle designers",
        "A thousand cranes in one winter; The fold engineers use in space; One sheet, two hundred scales",
    ),
    leaf(
        "Making",
        "Photography",
        (
            "street portraits; film cameras; golden hour light; long exposures; a 50 mm lens; pinhole cameras; "
            "black and white prints; night skies; window light; contact sheets"
        ),
        (
            "expose for shadows; develop film at home; photograph strangers; compose with lines; "
            "shoot a story in ten frames; print in a darkroom"
        ),
        "with one lens; on expired film; in flat light; without a tripod; using a window and a sheet",
        "in a foggy harbour; at a night bus stop; in a bathroom darkroom; on an empty beach",
        "street photographers; printers; film shooters",
        "One roll, one street, one hour; My camera is older than my father; The photo I almost deleted",
    ),
    leaf(
        "Music",
        "Guitar",
        (
            "fingerstyle patterns; open tunings; barre chords; a blues shuffle; slide guitar; new strings; "
            "flamenco strumming; small amps; acoustic ballads; chord inversions"
        ),
        ("change chords smoothly; play a blues in E; restring a guitar; write a riff; strum in time; tune by ear"),
        "with small hands; in ten minutes a day; without a pick; using four chords; on a cheap guitar",
        "on the porch; in a luthier's workshop; in an empty church; on a night ferry",
        "campfire players; luthiers; session guitarists",
        "Three chords and a broken string; The tuning that sounds like rain; I built this guitar from a fence",
    ),
    leaf(
        "Music",
        "Piano",
        (
            "left-hand patterns; jazz voicings; a quiet nocturne; sight-reading; felt piano; scales; "
            "pedal technique; lullabies; ragtime; an out-of-tune upright"
        ),
        (
            "play with both hands; voice a chord; memorise a piece; practise scales musically; "
            "improvise a lullaby; tune an old upright"
        ),
        "as an adult; with only the black keys; at walking pace; on a silent keyboard; in thirty days",
        "in a train station hall; in a snowed-in cabin; at an empty theatre; in my grandmother's living room",
        "late beginners; piano tuners; accompanists",
        "Rain, felt and one small piano; The left hand does the talking; They left a piano in the forest",
    ),
    leaf(
        "Music",
        "Synthesisers",
        (
            "modular patches; analogue bass; drum machine grooves; ambient pads; FM bells; a tiny sequencer; "
            "tape loops; vintage filters; sidechain pumping; granular clouds"
        ),
        (
            "design a bass sound; patch a drone; sync old machines; build a groove; mix a kick and bass; "
            "sample a kitchen"
        ),
        "with one oscillator; using free software; on a train; without a computer; from household noise",
        "in a bedroom studio; in an attic full of cables; at a warehouse set; in a lighthouse",
        "patch nerds; beat makers; sound designers",
        "This box has no keys; A track made from one kettle; Sixteen knobs and a mistake I kept",
    ),
    leaf(
        "Music",
        "Drums",
        (
            "ghost notes; a linear groove; brush playing; paradiddles; snare tuning; odd time; a cajon beat; "
            "bass drum control; double strokes; drum fills"
        ),
        ("play a shuffle; tune a snare; keep time without rushing; play in seven; set up a kit; practise quietly"),
        "on a pillow; at half speed; with one stick; with a click; in a noisy flat",
        "in a rehearsal basement; in a village parade; on a rooftop; at a samba school",
        "marching drummers; jazz drummers; bucket drummers",
        "The groove everybody gets backwards; Two hands, four limbs, no idea; Ninety drummers on one street",
    ),
    leaf(
        "Music",
        "Singing",
        (
            "breath support; vocal warm-ups; close harmony; high notes; throat singing; choir rehearsals; "
            "vibrato; folk ballads; singing in tune; a tired voice"
        ),
        (
            "sing higher without strain; warm up your voice; sing harmony; find your range; "
            "record vocals at home; breathe low"
        ),
        "in the car; without sheet music; in five notes; before a concert; under a blanket",
        "in a stone stairwell; with a village choir; in a mountain chapel; in a blanket booth",
        "choir leaders; folk singers; nervous beginners",
        "Three sisters, one microphone; The note that hides in your nose; A choir for people who cannot sing",
    ),
    leaf(
        "Music",
        "Strings & Orchestra",
        (
            "violin bowing; cello suites; string quartets; orchestra rehearsals; conducting; viola jokes; "
            "vibrato on strings; a harp recital; baroque tuning; rosin and bow hair"
        ),
        (
            "hold a bow; shift positions cleanly; follow a conductor; play in a quartet; rehair a bow; "
            "hear the inner voices"
        ),
        "after one month; with gut strings; from the last desk; at full tempo; without looking",
        "backstage at the opera; in a violin maker's shop; in a cold rehearsal hall; on a floating stage",
        "cellists; violin makers; back-desk players",
        ("Eighty people breathing together; What the conductor actually does; The violin that was found in a barn"),
    ),
)
