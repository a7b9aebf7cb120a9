package main

import (
	"hash/maphash"
	"math"
	"sort"
	"time"

	"github.com/valyala/fastjson"
)

var seed = maphash.MakeSeed()

type set map[uint64]struct{}

// counts holds pointers, so that counting a known name looks it up once and allocates nothing.
type counts map[string]*int64

func (c counts) add(name []byte) {
	if count, ok := c[string(name)]; ok {
		*count++
		return
	}
	one := int64(1)
	c[string(name)] = &one
}

type window struct {
	events, duration                      int64
	users, sessions                       set
	eventTypes, devices, referrers, pages counts
}

// windows of event time, closed when every partition has passed them.
type windows struct {
	size, grace int64
	newest      []int64
	closed      int64
	open        map[int64]*window
}

func newWindows(size, grace int64, partitions int) *windows {
	newest := make([]int64, partitions)
	for i := range newest {
		newest[i] = math.MinInt64
	}
	return &windows{size: size, grace: grace, newest: newest, closed: math.MinInt64, open: map[int64]*window{}}
}

func (w *windows) count(partition int, event *fastjson.Value) {
	at := unixMilli(event.GetStringBytes("timestamp"))
	w.newest[partition] = max(w.newest[partition], at)
	start := at - at%w.size
	if start < w.closed {
		return // late
	}
	open, ok := w.open[start]
	if !ok {
		open = &window{
			users: set{}, sessions: set{},
			eventTypes: counts{}, devices: counts{}, referrers: counts{}, pages: counts{},
		}
		w.open[start] = open
	}
	open.events++
	open.duration += event.GetInt64("duration_ms")
	open.users[maphash.Bytes(seed, event.GetStringBytes("user_id"))] = struct{}{}
	open.sessions[maphash.Bytes(seed, event.GetStringBytes("session_id"))] = struct{}{}
	open.eventTypes.add(event.GetStringBytes("event_type"))
	open.devices.add(event.GetStringBytes("device_type"))
	open.referrers.add(event.GetStringBytes("referrer"))
	open.pages.add(event.GetStringBytes("page_url"))
}

type result struct {
	WindowStart    string           `json:"window_start"`
	TotalEvents    int64            `json:"total_events"`
	UniqueUsers    int              `json:"unique_users"`
	UniqueSessions int              `json:"unique_sessions"`
	EventTypes     map[string]int64 `json:"event_types"`
	Devices        map[string]int64 `json:"devices"`
	TopReferrers   map[string]int64 `json:"top_referrers"`
	TopPages       map[string]int64 `json:"top_pages"`
	AvgDurationMs  int64            `json:"avg_duration_ms"`
}

// close gives the results of the windows that ended, in order.
func (w *windows) close() []result {
	watermark := int64(math.MaxInt64)
	for _, newest := range w.newest {
		watermark = min(watermark, newest)
	}
	if watermark == math.MinInt64 {
		return nil
	}
	closed := watermark - w.grace
	closed -= closed % w.size
	if closed <= w.closed {
		return nil
	}
	w.closed = closed
	var starts []int64
	for start := range w.open {
		if start < closed {
			starts = append(starts, start)
		}
	}
	sort.Slice(starts, func(i, j int) bool { return starts[i] < starts[j] })
	var results []result
	for _, start := range starts {
		results = append(results, w.open[start].result(start))
		delete(w.open, start)
	}
	return results
}

func (w *window) result(start int64) result {
	return result{
		WindowStart:    time.UnixMilli(start).UTC().Format("2006-01-02T15:04:05.000Z"),
		TotalEvents:    w.events,
		UniqueUsers:    len(w.users),
		UniqueSessions: len(w.sessions),
		EventTypes:     top(w.eventTypes, math.MaxInt),
		Devices:        top(w.devices, math.MaxInt),
		TopReferrers:   top(w.referrers, 3),
		TopPages:       top(w.pages, 5),
		AvgDurationMs:  (2*w.duration + w.events) / (2 * w.events),
	}
}

// top names by count, then by name.
func top(all counts, most int) map[string]int64 {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if *all[names[i]] != *all[names[j]] {
			return *all[names[i]] > *all[names[j]]
		}
		return names[i] < names[j]
	})
	ranked := map[string]int64{}
	for _, name := range names[:min(most, len(names))] {
		ranked[name] = *all[name]
	}
	return ranked
}
