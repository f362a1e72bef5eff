package main

import (
	"fmt"
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressTick is the time between two frames on a terminal: often enough, and calm.
const progressTick = 500 * time.Millisecond

// A redrawn is a few lines at the foot of a terminal that are drawn again and again, in the same place; what is written meanwhile
// stands above them.
type redrawn struct {
	out  *output
	bars *mpb.Progress
	bar  *mpb.Bar
}

// canRedraw reports whether standard error is a terminal that lines can be redrawn on.
func (e *env) canRedraw() bool { return e.stderr.terminal && e.getenv("TERM") != "dumb" }

// redraw begins to show what line returns, for i from 0 to rows-1 and as many columns as the terminal has at the time. A line that is
// empty takes no room, but for the last one.
func redraw(out *output, rows int, line func(i, width int) string) *redrawn {
	r := &redrawn{out: out, bars: mpb.New(mpb.WithOutput(out.file), mpb.WithRefreshRate(progressTick))}
	var above []mpb.BarFiller
	for i := rows - 2; i >= 0; i-- { // the first one goes next to the bar
		above = append(above, mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
			if text := line(i, s.AvailableWidth); text != "" {
				_, err := fmt.Fprintln(w, text)
				return err
			}
			return nil
		}))
	}
	last := mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		_, err := io.WriteString(w, line(rows-1, s.AvailableWidth))
		return err
	})
	// A bar made with a total above zero would complete itself and takes no other total.
	r.bar, _ = r.bars.Add(0, last, mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(), mpb.BarTopExtender(above...))
	out.showAbove(r.bars)
	return r
}

// end removes the lines.
func (r *redrawn) end() {
	r.out.showAbove(nil)
	r.bar.SetTotal(-1, true)
	r.bars.Wait()
}
