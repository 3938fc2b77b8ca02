/** What every link must do, whatever it is made of: run over each kind in links.test.ts. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Link, LinkTarget } from './link.ts'
import { openLink } from './open.ts'

/** The other end of a link, held by the test. */
export interface FarEnd {
  target: LinkTarget
  /** Everything that arrived. */
  heard(): Buffer
  say(bytes: Uint8Array): unknown
  /** Is gone without a word, as a pulled cable. */
  vanish(): Promise<void>
  close(): Promise<void>
}

export interface LinkKind {
  name: string
  farEnd(): Promise<FarEnd>
  /** Leads nowhere. */
  nowhere: LinkTarget
  /** A second opener is refused. */
  isExclusive: boolean
}

const soon = async (condition: () => boolean, what: string) => {
  const giveUpAt = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`not within 20 s: ${what}`)
    await pause(2)
  }
}

async function open(kind: LinkKind) {
  const far = await kind.farEnd()
  const lost: string[] = []
  const chunks: Uint8Array[] = []
  const link = await openLink(
    far.target,
    { onData: (bytes) => chunks.push(Uint8Array.from(bytes)), onLost: (reason) => lost.push(reason) },
    new AbortController().signal,
  )
  onTestFinished(async () => {
    await link.close()
    await far.close()
  })
  return { far, link, lost, received: () => Buffer.concat(chunks) }
}

const text = (link: Link, words: string) => link.send(Buffer.from(words, 'latin1'))

export function linkConformance(kind: LinkKind): void {
  test(`${kind.name}: lines arrive whole and in order, whatever their number`, async () => {
    const { far, link } = await open(kind)
    let all = ''
    for (let i = 0; i < 400; i += 1) {
      const line = `G1X${i}Y${'7'.repeat(i % 50)}\n`
      all += line
      text(link, line)
      if (i % 40 === 0) await pause(1)
    }
    await soon(() => far.heard().length >= all.length, 'everything arrived')
    expect(far.heard().toString('latin1')).toBe(all)
  })

  test(`${kind.name}: what the other end says comes through unchanged, cut anywhere`, async () => {
    const { far, received } = await open(kind)
    const said = Buffer.from('ok\r\n<Idle|MPos:0.000,0.000,0.000|FS:0,0>\r\nerror:20\r\n[MSG:Gr\xfc\xdfe]\r\n', 'latin1')
    for (let i = 0; i < said.length; i += 7) {
      far.say(said.subarray(i, i + 7))
      await pause(1)
    }
    await soon(() => received().length >= said.length, 'everything came')
    expect(received().equals(said)).toBe(true)
  })

  test(`${kind.name}: every real-time byte arrives as that one byte`, async () => {
    const { far, link } = await open(kind)
    const bytes = [0x18, 0x19, 0x21, 0x3f, 0x7e, 0x84, 0x85, 0x87, ...Array.from({ length: 15 }, (_, i) => 0x90 + i), 0xa0, 0xa1, 0xa3]
    for (const byte of bytes) link.urgent(byte)
    await soon(() => far.heard().length >= bytes.length, 'all bytes')
    expect([...far.heard()]).toEqual(bytes)
  })

  test(`${kind.name}: a real-time byte goes in front of lines that wait`, async () => {
    const { far, link } = await open(kind)
    const lines = `${'G1X1Y1\n'.repeat(200)}`
    text(link, lines)
    link.urgent(0x21)
    await soon(() => far.heard().length > lines.length, 'everything arrived')
    const at = far.heard().indexOf('!')
    // one small piece may have been on its way
    expect(at).toBeLessThanOrEqual(256)
    expect(far.heard().toString('latin1').replace('!', '')).toBe(lines)
  })

  test(`${kind.name}: lines kept back stay here, and are never written once thrown away`, async () => {
    const { far, link } = await open(kind)
    link.keepBack(true)
    text(link, 'G1X1\n')
    link.urgent(0x21)
    await soon(() => far.heard().length > 0, 'the byte')
    await pause(20)
    expect(far.heard().toString()).toBe('!')
    link.discard()
    link.keepBack(false)
    text(link, 'G1X2\n')
    await soon(() => far.heard().includes('X2'), 'the later line')
    expect(far.heard().toString()).toBe('!G1X2\n')
  })

  test(`${kind.name}: tells once that it is gone, and is not open any more`, async () => {
    const { far, link, lost } = await open(kind)
    expect(link.isOpen).toBe(true)
    await far.vanish()
    await soon(() => lost.length > 0, 'told')
    expect(link.isOpen).toBe(false)
    // into the void: no throw, no second word
    text(link, 'G1X1\n')
    link.urgent(0x18)
    await pause(20)
    expect(lost).toHaveLength(1)
    expect(lost[0]).not.toBe('')
  })

  test(`${kind.name}: closing is no loss, and a new link may be opened at once; nothing of the old one is sent there`, async () => {
    const { far, link, lost } = await open(kind)
    link.keepBack(true)
    text(link, 'G1X99\n')
    await link.close()
    text(link, 'G1X98\n')
    expect(link.isOpen).toBe(false)
    const chunks: Uint8Array[] = []
    const again = await openLink(far.target, { onData: (bytes) => chunks.push(bytes), onLost: () => {} }, new AbortController().signal)
    text(again, 'G1X1\n')
    await soon(() => far.heard().includes('X1\n'), 'the new line')
    expect(far.heard().toString()).toBe('G1X1\n')
    expect(lost).toEqual([])
    await again.close()
  })

  test(`${kind.name}: what cannot be opened says so, with a code and what to do`, async () => {
    const opening = openLink(kind.nowhere, { onData: () => {}, onLost: () => {} }, new AbortController().signal)
    await expect(opening).rejects.toMatchObject({ code: 'link-failed', message: expect.stringMatching(/cannot be opened: .+\. Check that/) })
  })

  test(`${kind.name}: an opening that is given up leaves nothing behind`, async () => {
    const far = await kind.farEnd()
    onTestFinished(() => far.close())
    const abort = new AbortController()
    const opening = openLink(far.target, { onData: () => {}, onLost: () => {} }, abort.signal)
    abort.abort()
    await expect(opening).rejects.toMatchObject({ code: 'link-failed' })
    const link = await openLink(far.target, { onData: () => {}, onLost: () => {} }, new AbortController().signal)
    expect(link.isOpen).toBe(true)
    await link.close()
  })

  if (!kind.isExclusive) return
  test(`${kind.name}: a second opener is refused, in words that tell why`, async () => {
    const { far } = await open(kind)
    const second = openLink(far.target, { onData: () => {}, onLost: () => {} }, new AbortController().signal)
    await expect(second).rejects.toMatchObject({ code: 'link-failed', message: expect.stringMatching(/Another program has it open/) })
  })
}
