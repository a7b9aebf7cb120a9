/** The page without its style and script. Every text that comes with data is set by the script, as text. */
export const markup = /* html */ `
<header class="bar">
  <div class="brand">
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect x="1" y="12" width="5" height="9" rx="1.5" />
      <rect x="8.5" y="6" width="5" height="15" rx="1.5" />
      <rect x="16" y="1" width="5" height="20" rx="1.5" />
    </svg>
    <h1 id="pipeline">clickstream</h1>
  </div>
  <p id="connection" class="connection" role="status" data-state="waiting">
    <span class="dot" aria-hidden="true"></span><span id="connection-text">connecting</span>
  </p>
</header>
<main>
  <noscript><p class="card">This page needs JavaScript. The same numbers are at <a href="api/summary">api/summary</a>.</p></noscript>
  <section class="window" aria-labelledby="window-title">
    <div>
      <h2 id="window-title" class="when">Waiting for the first window</h2>
      <p class="sub"><span id="window-day"></span><span id="marks"></span></p>
    </div>
    <p class="age"><span id="age"></span></p>
  </section>
  <dl class="figures" aria-label="Newest window">
    <div class="card figure lead"><dt>Events</dt><dd id="events">–</dd><dd class="note" id="rate">&nbsp;</dd></div>
    <div class="card figure"><dt>Unique users</dt><dd id="users">–</dd><dd class="note" id="per-user">&nbsp;</dd></div>
    <div class="card figure"><dt>Unique sessions</dt><dd id="sessions">–</dd><dd class="note" id="per-session">&nbsp;</dd></div>
    <div class="card figure"><dt>Average duration</dt><dd id="duration">–</dd><dd class="note">per event</dd></div>
    <div class="card figure" id="faults"><dt>Late · invalid</dt><dd id="late-invalid">–</dd><dd class="note">not counted in events</dd></div>
  </dl>
  <section class="card" aria-labelledby="chart-title">
    <div class="head">
      <h2 id="chart-title">Events per window</h2>
      <p id="legend" class="legend" hidden><span class="swatch" aria-hidden="true"></span>late or invalid, on top</p>
      <p id="readout" class="readout">&nbsp;</p>
    </div>
    <div id="chart" class="chart"></div>
  </section>
  <div class="lists">
    <section class="card" aria-labelledby="types-title"><h2 id="types-title">Event types</h2><ol id="types" class="ranks"></ol></section>
    <section class="card" aria-labelledby="devices-title"><h2 id="devices-title">Devices</h2><ol id="devices" class="ranks"></ol></section>
    <section class="card" aria-labelledby="referrers-title"><h2 id="referrers-title">Top referrers</h2><ol id="referrers" class="ranks"></ol></section>
    <section class="card" aria-labelledby="pages-title"><h2 id="pages-title">Top pages</h2><ol id="pages" class="ranks"></ol></section>
  </div>
</main>
<footer>
  <p id="totals">&nbsp;</p>
  <nav aria-label="Data"><a href="api/summary">summary</a><a href="api/windows">windows</a><a href="metrics">metrics</a></nav>
</footer>
`
