/**
 * A small real child of the launcher, for tests of the launcher itself: it speaks base/child.ts, writes
 * down what happens to it, and does what the test's files tell it.
 *
 * `node program.ts NAME DIR`: appends to `DIR/events`; obeys `DIR/NAME.crash` (ends with code 3 once ready),
 * `DIR/NAME.refuse` (says that it cannot start), `DIR/NAME.slow` (is not ready while the file is there),
 * `DIR/NAME.hang` (blocks its event loop for ever), and passes each line of `DIR/NAME.notes` on to the launcher as a note.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { underLauncher } from '../../base/child.ts'

const [name = '', dir = ''] = process.argv.slice(2)
const event = (what: string, data?: unknown) =>
  appendFileSync(join(dir, 'events'), `${JSON.stringify({ name, what, pid: process.pid, ...(data === undefined ? {} : { data }) })}\n`)
const isTold = (what: string) => existsSync(join(dir, `${name}.${what}`))
const block = () => {
  event('blocked')
  for (;;);
}

event('spawned')
const launcher = await underLauncher({
  onShutdown: async () => event('shutdown'),
  onLauncherGone: async () => event('launcher gone'),
})
event('init', launcher.init)
let lastProcesses = ''
launcher.onNote((note) => {
  const text = JSON.stringify(note)
  if (text !== lastProcesses) event('note', note)
  lastProcesses = text
})
if (isTold('refuse')) {
  launcher.failed(`${name} was told to refuse.`, 'told-to-refuse')
  setTimeout(() => process.exit(1), 50)
} else {
  event('environment', process.env)
  while (isTold('slow')) await new Promise((resolve) => setTimeout(resolve, 20))
  const { config } = (launcher.init ?? {}) as { config?: { port: number } }
  // before it is told: what the launcher does then is written down by others
  event('ready')
  launcher.ready(name === 'gateway' ? { url: 'http://127.0.0.1:1', port: config?.port || 4711 } : undefined)
  let passed = 0
  setInterval(() => {
    if (isTold('crash')) process.exit(3)
    if (isTold('hang')) block()
    if (!isTold('notes')) return
    const lines = readFileSync(join(dir, `${name}.notes`), 'utf8')
      .split('\n')
      .slice(0, -1)
    for (const line of lines.slice(passed)) launcher.note(JSON.parse(line))
    passed = lines.length
  }, 20)
}
