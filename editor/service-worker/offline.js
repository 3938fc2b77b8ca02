// The page that stands in while the server cannot be reached: goes where it was asked to go as soon as it can.
;(() => {
  const german = {
    title: 'Der Server ist nicht zu erreichen',
    what: 'Hier wird nichts gezeigt, was von einer Maschine bekannt ist, und es kann nichts an eine gesendet werden. Der Not-Halt an der Maschine wirkt wie immer.',
    state: 'Es wird von selbst wieder versucht.',
    again: 'Jetzt versuchen',
  }
  if (document.documentElement.lang === 'de')
    for (const [id, text] of Object.entries(german)) {
      const element = document.getElementById(id)
      if (element) element.textContent = text
    }

  const FIRST_MS = 1_000
  const LONGEST_MS = 5_000
  let pauseMs = FIRST_MS
  let timer = 0
  const look = async () => {
    clearTimeout(timer)
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(4_000) })
      if (answer.ok) {
        location.reload()
        return
      }
    } catch {
      // still away
    }
    // not all panels of a shop in the same moment
    timer = setTimeout(look, pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(pauseMs * 2, LONGEST_MS)
  }
  document.getElementById('again')?.addEventListener('click', look)
  addEventListener('online', look)
  timer = setTimeout(look, pauseMs)
})()
