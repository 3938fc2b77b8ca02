/** Puts the diagnostics together: everything goes through the scrubber, and a list says what is inside. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesInWords } from '../system/disk.ts'
import { writeArchive } from '../templates/archive/write-archive.ts'
import type { Scrubber } from './scrub.ts'

/** The end of each log, and of all of them. */
const LOG_BYTES = 1024 * 1024
const LOGS_BYTES = 24 * 1024 * 1024

export interface Part {
  path: string
  /** What it is, for the list. */
  what: string
  /** A value is written as JSON. A part that cannot be had says why, and keeps no other from being told. */
  content: () => Promise<unknown> | unknown
}

/** @returns a tar.gz; its list first */
export async function bundle({
  parts,
  logsDir,
  scrub,
  madeAt,
  by,
}: {
  parts: readonly Part[]
  logsDir: string
  scrub: Scrubber
  madeAt: Date
  by: string
}): Promise<Buffer> {
  const files = new Map<string, Buffer>()
  const list: string[] = []
  const put = (path: string, what: string, text: string) => {
    const content = Buffer.from(text)
    files.set(path, content)
    list.push(`${path.padEnd(28)} ${bytesInWords(content.length).padStart(8)}  ${what}`)
  }
  for (const { path, what, content } of parts) {
    let text: string
    try {
      const value = await content()
      text = await (typeof value === 'string' ? scrub.text(value) : scrub.json(value))
    } catch (error) {
      text = await scrub.text(`This could not be had: ${error instanceof Error ? error.message : String(error)}\n`)
    }
    put(path, what, text)
  }
  for (const { name, text } of await logsIn(logsDir)) put(`logs/${name}`, 'the end of a log', await scrub.text(text))
  const readme = `Diagnostics of a Cellwright installation, made ${madeAt.toISOString()} by ${by}.

READ IT BEFORE YOU SEND IT. Passwords, keys, tokens, cookies and what looks like them were taken out (it says "••••" there).
Names of people, machines and programs, addresses, flows and messages of your shop are still in it.
What nobody could know to be a secret, such as a password in a sentence, is in it too: delete it by hand.

${list.join('\n')}

Not in it: programs, journals of machines, quality records, the audit log, the database, keys.
`
  files.set('README.txt', Buffer.from(await scrub.text(readme)))
  return writeArchive(new Map([...files].map(([path, content]) => [`cellwright-diagnostics/${path}`, content])))
}

/** The ends of the logs, the newest first until there are enough. */
async function logsIn(dir: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /\.log(\.\d+)?$/.test(name))
  const found = (
    await Promise.all(
      names.map(async (name) => {
        const facts = await stat(join(dir, name)).catch(() => undefined)
        return facts?.isFile() ? [{ name, bytes: facts.size, at: facts.mtimeMs }] : []
      }),
    )
  ).flat()
  const logs: { name: string; text: string }[] = []
  let left = LOGS_BYTES
  for (const { name, bytes } of found.toSorted((a, b) => b.at - a.at)) {
    const length = Math.min(bytes, LOG_BYTES, left)
    if (length <= 0) continue
    const text = await endOf(join(dir, name), length)
    if (text === undefined) continue
    left -= length
    // a line that is cut may have lost the name that tells what it holds
    logs.push({ name, text: length < bytes ? text.slice(text.indexOf('\n') + 1) : text })
  }
  return logs
}

async function endOf(file: string, length: number): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (!handle) return undefined
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, Math.max(0, size - length))
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
