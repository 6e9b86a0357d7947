package measure

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Load is what else the machine was doing during a comparison.
type Load struct {
	Busy bool `json:"busy"` // so much that times are not to be trusted
	// Notice says it in a sentence; empty where nothing was noticed.
	Notice string `json:"notice,omitempty"`
}

// loadSample is the state of the machine at a moment. What the system does not tell
// is NaN.
type loadSample struct {
	at time.Time
	// Seconds of all processors since the machine began: there were, spent idle, and
	// spent by this process.
	all, idle, own float64
	loop           float64 // seconds that a fixed piece of work took
}

// Limits of what is noticed.
const (
	busyShare = 0.10 // of the time of all processors, taken by others
	busyLoop  = 1.25 // how much longer than the shortest the fixed work takes, median
)

// notice says what samples tell of the load: the share of the processors' time that
// others took between the first and the last; and where the system does not tell, or
// another machine on the same processors cannot be seen, how much the time of the
// same work varies.
func notice(samples []loadSample) Load {
	if len(samples) == 0 {
		return Load{}
	}
	var said []string
	first, last := samples[0], samples[len(samples)-1]
	if all := last.all - first.all; all > 0 {
		others := max(0, (all-(last.idle-first.idle)-(last.own-first.own))/all)
		if others >= busyShare {
			said = append(said, fmt.Sprintf("other programs took %.0f %% of the processors' time", 100*others))
		}
	}
	var loops []float64
	for _, s := range samples {
		if !math.IsNaN(s.loop) {
			loops = append(loops, s.loop)
		}
	}
	if s := Summarize(loops); s.N > 2 && s.Median >= busyLoop*s.Smallest {
		said = append(said, fmt.Sprintf("the same work took %.2f times as long as at best", s.Median/s.Smallest))
	}
	if len(said) == 0 {
		return Load{}
	}
	return Load{Busy: true, Notice: "the machine was busy: " + strings.Join(said, "; ") + ". Times are not to be trusted"}
}

// sampleLoad looks at the machine now.
func sampleLoad() loadSample {
	nan := math.NaN()
	s := loadSample{at: time.Now(), all: nan, idle: nan, own: nan, loop: fixedWork()}
	if runtime.GOOS == "linux" {
		s.all, s.idle = processorTimes(readText("/proc/stat"))
		s.own = ownTime(readText("/proc/self/stat"))
	}
	return s
}

func readText(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}

// parsed is a number, NaN for a text that is none.
func parsed(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// ticks is how many of the units of /proc a second has, on all Linux that Go runs on.
const ticks = 100

// processorTimes reads the first line of /proc/stat: "cpu user nice system idle
// iowait irq softirq steal ...", of which user has the time of guests. Time that was
// stolen by other machines counts as not idle.
func processorTimes(stat string) (all, idle float64) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 5 || fields[0] != "cpu" {
		return math.NaN(), math.NaN()
	}
	for i, f := range fields[1:min(len(fields), 9)] {
		v := parsed(f) / ticks
		if all += v; i == 3 || i == 4 {
			idle += v
		}
	}
	return all, idle
}

// ownTime reads the user and system time of /proc/self/stat, fields 14 and 15: the
// second is the name of the program in brackets, with anything in it.
func ownTime(stat string) float64 {
	_, rest, _ := strings.Cut(stat[max(0, strings.LastIndex(stat, ")")):], ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return math.NaN()
	}
	return (parsed(fields[11]) + parsed(fields[12])) / ticks
}

// fixedWork does the same work each time, about a millisecond of it, and returns what
// it took in seconds.
func fixedWork() float64 {
	start := time.Now()
	x := uint64(1)
	for range 1 << 20 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	took := time.Since(start).Seconds()
	if x == 0 { // never: the loop is not to be left out
		return math.NaN()
	}
	return took
}

// sampleEvery is how far apart samples are.
const sampleEvery = 200 * time.Millisecond

// LoadWatch notices what else the machine does while something is measured. The zero
// value has seen nothing yet.
type LoadWatch struct{ samples []loadSample }

// Look looks at the machine, if it was not looked at a moment ago. That takes a
// millisecond, and is not to be done within what is timed.
func (w *LoadWatch) Look() {
	if n := len(w.samples); n == 0 || time.Since(w.samples[n-1].at) >= sampleEvery {
		w.samples = append(w.samples, sampleLoad())
	}
}

// Load looks once more and says what was noticed since the first look.
func (w *LoadWatch) Load() Load {
	w.samples = append(w.samples, sampleLoad())
	return notice(w.samples)
}

// watchLoad looks at the machine. A source that is a table takes no time of it.
func (r *runner) watchLoad() {
	if _, ok := r.source.(holder); ok {
		r.load.Look()
	}
}

// noticeLoad says what was noticed.
func (r *runner) noticeLoad() {
	if _, ok := r.source.(holder); !ok {
		return
	}
	load := r.load.Load()
	r.c.Machine.Load = load
	if load.Busy {
		r.c.Notes = slices.Insert(r.c.Notes, 0, load.Notice)
	}
}
