import { expect, onTestFinished, test } from 'vitest'
import { ownTime } from '../../../../base/own-time.ts'
import { startVirtualController } from '../../virtual/index.ts'
import { FaultyProxy, type Spoils } from './faulty-proxy.ts'
import { ENVELOPE, guardOn, settingsFor, tempDir, until, writeProgram, zigzag } from './rig.ts'

/** A guard whose controller is behind a proxy that can spoil what passes. */
async function behindProxy(settings: Record<number, number> = {}) {
  const machine = await startVirtualController({ timeScale: 50, envelopeMm: ENVELOPE, link: 'tcp', settings })
  onTestFinished(() => machine.close())
  const [host = '', port = ''] = machine.port.split(':')
  const proxy = new FaultyProxy({ host, port: Number(port) })
  const near = await proxy.listen()
  onTestFinished(() => proxy.close())
  const it = await guardOn(machine, {
    settings: () => settingsFor({ kind: 'tcp', host: '127.0.0.1', port: near }),
    timings: { silenceMs: 1500, bannerMs: 800 },
  })
  return { ...it, machine, proxy }
}

/** What a controller reads of a program. */
const readable = (text: string) =>
  text
    .split('\n')
    .map((line) => line.replaceAll(/\(.*?\)|\s/g, ''))
    .filter(Boolean)

const KINDS: [string, Omit<Spoils, 'seed'>][] = [
  ['late and cut', { delayMs: 8, cuts: true }],
  ['answers lost', { answers: { lose: 0.02 } }],
  ['answers doubled', { answers: { double: 0.02 } }],
  ['answers garbled', { answers: { garble: 0.02 }, cuts: true }],
  ['answers run together', { answers: { join: 0.02 } }],
  ['lines lost', { lines: { lose: 0.02 } }],
  ['lines run together', { lines: { join: 0.02 }, delayMs: 3 }],
  ['empty lines between', { lines: { double: 0.02 } }],
  ['reports garbled', { reports: { garble: 0.3 }, cuts: true }],
  // not both doubled and lost: in a protocol without numbers one takes the other away
  ['everything but doubles', { delayMs: 4, cuts: true, answers: { lose: 0.005, garble: 0.005 }, lines: { lose: 0.005 }, reports: { garble: 0.1 } }],
]

const lines = 220

for (const [kind, spoils] of KINDS)
  test(`a link with ${kind}: never more on the way than fits, never "completed" without every line, known again at once`, async () => {
    await Promise.all([1, 2, 3].map((seed) => runBehind({ seed, ...spoils }, kind)))
  })

async function runBehind(spoils: Spoils, kind: string): Promise<void> {
  const { seed } = spoils
  const said = `seed ${seed}, ${kind}`
  // one of them tells its buffers
  const { machine, guard, proxy, start, end } = await behindProxy(seed === 2 ? { 10: 3 } : {})
  const text = zigzag(lines, 6000)
  const before = machine.answered.length
  const { jobId } = await start(await writeProgram(await tempDir(), text))
  proxy.spoil(spoils)
  const ended = await end(jobId)
  expect(proxy.mostOutstanding, said).toBeLessThanOrEqual(127)
  expect(['completed', 'failed', 'interrupted'], `${said}: ${ended.text}`).toContain(ended.state)
  if (ended.state === 'completed') {
    const run = machine.answered.slice(before).filter(({ line, answer }) => answer === 'ok' && /^(G1|G21|M5)/.test(line))
    expect(
      run.map(({ line }) => line),
      `${said}: ${proxy.done.join(', ')}`,
    ).toEqual(readable(text))
    expect(ended.linesAcknowledged, said).toBe(ended.totalLines)
  } else expect(proxy.done.length, `${said}: ${ended.text}`).toBeGreaterThan(0)
  proxy.calm()
  const sinceCalm = ownTime()
  await until(() => guard.state().controller === 'idle' || guard.state().controller === 'alarm', `${said}: known again`, 15_000)
  expect(sinceCalm(), said).toBeLessThan(1500)
}
