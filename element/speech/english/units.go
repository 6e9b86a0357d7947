package english

import "strings"

// unit is the name of a unit, for one and for several.
type unit struct{ one, many string }

// units are those that follow a number. In those of close no space may stand
// before, for they mean something else, too.
var units, closeUnits = func() (map[string]unit, map[string]bool) {
	m, c := map[string]unit{}, map[string]bool{}
	for line := range strings.Lines(unitNames) {
		name, read, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		one, many, ok := strings.Cut(read, ", ")
		if !ok {
			// The first word has the plural: kilometers per hour.
			first, rest, _ := strings.Cut(one, " per ")
			if many = first + "s"; rest != "" {
				many += " per " + rest
			}
		}
		for _, n := range strings.Fields(name) {
			if n[0] == '~' {
				n = n[1:]
				c[n] = true
			}
			m[n] = unit{one, many}
		}
	}
	return m, c
}()

const unitNames = `
	km = kilometer
	m = meter
	cm = centimeter
	mm = millimeter
	µm um = micrometer
	nm = nanometer
	mi = mile
	yd yds = yard
	ft = foot, feet
	~in = inch, inches
	tbsp = tablespoon
	tsp = teaspoon
	qt = quart
	pt = pint
	kg kgs = kilogram
	~g = gram
	mg = milligram
	µg mcg = microgram
	lb lbs = pound
	oz = ounce
	~l L = liter
	ml mL = milliliter
	cl = centiliter
	gal = gallon
	ha = hectare
	mph = mile per hour
	kph kmh = kilometer per hour
	rpm = revolution per minute
	fps = frame per second
	bpm = beat per minute
	mpg = mile per gallon
	dpi = dot per inch
	Hz = hertz, hertz
	kHz KHz = kilohertz, kilohertz
	MHz = megahertz, megahertz
	GHz = gigahertz, gigahertz
	kB KB = kilobyte
	MB = megabyte
	GB = gigabyte
	TB = terabyte
	PB = petabyte
	KiB = kibibyte
	MiB = mebibyte
	GiB = gibibyte
	kbit kb = kilobit
	Mbit Mb = megabit
	Gbit Gb = gigabit
	Mbps = megabit per second
	Gbps = gigabit per second
	kbps = kilobit per second
	px = pixel
	~W = watt
	kW = kilowatt
	MW = megawatt
	GW = gigawatt
	kWh = kilowatt hour
	Wh = watt hour
	~V = volt
	kV = kilovolt
	mV = millivolt
	~A = amp
	mA = milliamp
	mAh = milliamp hour
	dB = decibel
	kcal = kilocalorie
	cal = calorie
	kJ = kilojoule
	Pa = pascal
	kPa = kilopascal
	hPa = hectopascal
	psi = pound per square inch
	ppm = part per million
	~s sec secs = second
	ms = millisecond
	µs = microsecond
	ns = nanosecond
	min mins = minute
	~h hr hrs = hour
	yr yrs = year
	mo mos = month
	wk wks = week
	doz = dozen, dozen
	~C = degree celsius, degrees celsius
	~F = degree fahrenheit, degrees fahrenheit
`

// unitOf reads a unit at a token: km, m², km/h, %, °C.
func (r *reader) unitOf(i int) (u unit, tokens int) {
	switch {
	case r.isMark(i, "%"):
		return unit{"percent", "percent"}, 1
	case r.isMark(i, "°"):
		switch {
		case r.is(i+1, letters) && r.t[i+1].text == "C":
			return unit{"degree celsius", "degrees celsius"}, 2
		case r.is(i+1, letters) && r.t[i+1].text == "F":
			return unit{"degree fahrenheit", "degrees fahrenheit"}, 2
		}
		return unit{"degree", "degrees"}, 1
	}
	name, tokens := "", 1
	if r.isMark(i, "µ") && r.isGlued(i+1) && r.is(i+1, letters) {
		name, tokens = "µ"+r.t[i+1].text, 2
	} else if r.is(i, letters) {
		name = r.t[i].text
	}
	u, ok := units[name]
	shortened := r.gluedMark(i+tokens, ".") && !r.fullStop(i+tokens) && !r.isGlued(i+tokens+1)
	if !ok || closeUnits[name] && !r.isGlued(i) && !shortened {
		return unit{}, 0
	}
	if r.gluedMark(i+tokens, "²") || r.gluedMark(i+tokens, "³") {
		prefix := "square "
		if r.t[i+tokens].text == "³" {
			prefix = "cubic "
		}
		u = unit{prefix + u.one, prefix + u.many}
		tokens++
	}
	if r.gluedMark(i+tokens, "/") && r.isGlued(i+tokens+1) && r.is(i+tokens+1, letters) {
		if per, ok := units[r.t[i+tokens+1].text]; ok {
			u = unit{u.one + " per " + per.one, u.many + " per " + per.one}
			tokens += 2
		}
	}
	// The full stop of lb., unless the sentence ends with it.
	if shortened && tokens == 1 {
		tokens++
	}
	return u, tokens
}

// quantity reads a number with its unit: 5 km, -20°C, 10-12 kg, 5%.
func (r *reader) quantity(i int) int {
	at := i
	var words []string
	if r.isMinus(at) {
		words = append(words, "minus")
		at++
	}
	if r.isJoined(at) && !r.isMark(at-1, "-") {
		return 0
	}
	first, one, n := r.amount(at)
	if n == 0 {
		return 0
	}
	words = append(words, first...)
	end := at + n
	if m, ok := r.number(end + 1); ok && (r.gluedMark(end, "-") || r.gluedMark(end, "–")) && r.isGlued(end+1) {
		words, one = append(append(words, "to"), m.words()...), false
		end += 1 + m.tokens
	}
	if big := r.magnitude(end); len(big) > 1 && r.t[end].text == big {
		if _, m := r.unitOf(end + 1); m > 0 {
			words, one = append(words, big), false
			end++
		}
	}
	hyphen := r.gluedMark(end, "-") && r.isGlued(end+1)
	if hyphen {
		end++
	}
	u, m := r.unitOf(end)
	decade := end > 0 && r.is(end, letters) && r.t[end].text == "s" && strings.HasSuffix(r.t[end-1].text, "0") && len(r.t[end-1].text)%2 == 0
	if m == 0 || decade || r.isGlued(end+m) && !r.is(end+m, mark) {
		return 0
	}
	if end += m; one || hyphen || r.attributive(i, end) {
		r.say(i, end, append(words, strings.Fields(u.one)...)...)
	} else {
		r.say(i, end, append(words, strings.Fields(u.many)...)...)
	}
	return end - i
}
