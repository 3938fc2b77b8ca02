/**
 * The process that makes, reads and sends back-ups: packing and encrypting would hold up the gateway's loop. One question as one line of
 * JSON on standard input (passphrases and keys come over that pipe alone), lines of JSON on standard output; it gives up when its
 * input ends.
 */
import { toErrorMessage } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import type { Progress } from './format.ts'
import { openPlace, type Place, tryPlace } from './places/index.ts'
import { BackupQuestion, type Sent } from './question.ts'
import { type Keep, outdated } from './retention.ts'
import { tellingNowAndThen, verifyBackup } from './verify.ts'
import { writeBackup } from './write.ts'

const question = checker(BackupQuestion)
const LINE_END = 10
const GIVE_UP_MS = 30_000
const ending = new AbortController()
const { signal } = ending

const say = (line: object, then?: () => void) => void process.stdout.write(`${JSON.stringify(line)}\n`, then)
const onProgress = (progress: Progress) => say({ progress })
const onHostKey = (hostKey: string) => say({ hostKey })

async function answer(text: unknown): Promise<unknown> {
  const asked = question.parse(text, 'The question to the back-up')
  switch (asked.what) {
    case 'write': {
      const { file, lock, database, dataDir, filesDir, secretKey, version, why, workFactor } = asked
      return writeBackup({
        file,
        lock,
        database,
        config: { dataDir, filesDir, secretKey },
        version,
        why,
        signal,
        onProgress,
        ...(workFactor === undefined ? {} : { workFactor }),
      })
    }
    case 'verify': {
      const { header } = await verifyBackup({ file: asked.file, lock: asked.lock, signal, onProgress })
      return { createdAt: header.createdAt }
    }
    case 'try':
      if (asked.place.kind !== 'kept') await tryPlace({ place: asked.place, secret: asked.secret, onHostKey, signal })
      return {}
    case 'send': {
      if (asked.place.kind === 'kept') return { removed: [] }
      const { name, file, bytes, sha256, part, known, keep } = asked
      const place = await openPlace({ place: asked.place, secret: asked.secret, signal })
      try {
        const tell = {
          sending: tellingNowAndThen((done) => onProgress({ step: 'sending', done, total: bytes })),
          checking: tellingNowAndThen((done) => onProgress({ step: 'checking', done, total: bytes })),
        }
        await place.put(name, { file, bytes, sha256, part }, (done, step) => tell[step](done))
        return await removeOld(place, { name, known, keep })
      } finally {
        await place.close()
      }
    }
  }
}

/** It is there, whole: a place that lets nothing be removed (a locked bucket) makes that no failure, or it would be brought again and again. */
async function removeOld(place: Place, { name, known, keep }: { name: string; known: readonly string[]; keep: Keep }): Promise<Sent> {
  const removed: string[] = []
  try {
    // another installation may have brought its own there
    const there = (await place.list()).filter((each) => each === name || known.includes(each))
    // one with a date to come, of a clock that was wrong, does not push out the one that was just brought
    for (const each of outdated(there, keep).filter((old) => old !== name)) {
      await place.remove(each)
      removed.push(each)
    }
    return { removed }
  } catch (error) {
    if (signal.aborted) throw error
    return { removed, trouble: toErrorMessage(error).message }
  }
}

let isAsked = false
const parts: Buffer[] = []
process.stdin.on('data', (chunk: Buffer) => {
  if (isAsked) return
  parts.push(chunk)
  if (!chunk.includes(LINE_END)) return
  isAsked = true
  Promise.resolve()
    .then(() => answer(JSON.parse(Buffer.concat(parts).toString('utf8'))))
    .then(
      (result) => say({ result }, () => process.exit(0)),
      (error: unknown) => say({ error: toErrorMessage(error) }, () => process.exit(0)),
    )
})
const giveUp = () => {
  if (!isAsked) process.exit(0)
  ending.abort()
  // what does not let itself be broken off must not live on without its gateway
  setTimeout(() => process.exit(1), GIVE_UP_MS).unref()
}
process.stdin.on('end', giveUp)
process.stdin.on('error', giveUp)
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', giveUp)
