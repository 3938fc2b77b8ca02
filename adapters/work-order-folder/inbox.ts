/**
 * Looks at the inbox folder and takes each complete file: moved to `reading/` (so that a new file of the
 * same name cannot slip in between), offered to the gateway, and only then moved to `done/` or
 * `refused/`. After a crash, what is in `reading/` is offered again under the same keys.
 */
import { type FSWatcher, watch } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { extname, join, parse as parsePath } from 'node:path'
import { messageOf, UserError } from '../../base/errors.ts'
import type { ConnectorContext, Told } from '../contract.ts'
import { type ParsedFile, parseCsvOrders, parseJsonOrders } from './parse-orders.ts'
import type { FolderSettings } from './settings.ts'

/** A file without content is probably still to be written; after this long it is refused. */
const EMPTY_MS = 10_000
const MAX_BYTES = 20_000_000
const TEMPORARY = /^[.~]|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp|bak|lock)$/i
const CSV = new Set(['.csv', '.tsv', '.txt'])
const MAX_PROBLEMS_TOLD = 20

interface Look {
  size: number
  mtimeMs: number
  since: number
}

export interface InboxWatch {
  close(): Promise<void>
}

/** Starts watching; resolves after the first look. A folder that is away is `failing` and looked for again. */
export async function watchInbox(settings: FolderSettings, context: ConnectorContext): Promise<InboxWatch> {
  const { inbox } = settings
  const reading = join(inbox, 'reading')
  const pollMs = settings.pollSeconds * 1000
  const settleMs = settings.settleSeconds * 1000
  const looks = new Map<string, Look>()
  let watcher: FSWatcher | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let looking: Promise<void> = Promise.resolve()
  let told = ''

  const tell = (state: 'running' | 'failing', why?: Told) => {
    if (told === state + why?.text) return
    told = state + why?.text
    context.state(state, why)
  }

  const formatOf = (name: string): 'csv' | 'json' | undefined => {
    const ending = extname(name).toLowerCase()
    if (settings.format !== 'json' && CSV.has(ending)) return 'csv'
    if (settings.format !== 'csv' && ending === '.json') return 'json'
    return undefined
  }

  /**
   * Whether the file has stopped changing (size and time the same for the settle time); remembers the look.
   * @param askedAt before the facts were asked for: what was a long time on its way says nothing of that time
   */
  const isComplete = (name: string, facts: { size: number; mtimeMs: number }, askedAt: number): boolean => {
    const before = looks.get(name)
    if (!before || before.size !== facts.size || before.mtimeMs !== facts.mtimeMs) {
      looks.set(name, { size: facts.size, mtimeMs: facts.mtimeMs, since: performance.now() })
      return false
    }
    return askedAt - before.since >= (facts.size === 0 ? EMPTY_MS : settleMs)
  }

  /** One look at the folder. @returns when to look again at the latest, in ms */
  const look = async (): Promise<number> => {
    let names: string[]
    try {
      names = await readdir(inbox)
    } catch (error) {
      watcher?.close()
      watcher = undefined
      tell('failing', {
        code: 'folder-away',
        text: `The folder ${inbox} is away (${messageOf(error)}). It is looked for every ${settings.pollSeconds} s; check the mount or the network share.`,
        blanks: { folder: inbox, reason: messageOf(error), seconds: settings.pollSeconds },
      })
      return pollMs
    }
    if (settings.watch === 'events') listen()
    let isSettling = false
    for (const name of names) {
      if (!formatOf(name) || TEMPORARY.test(name)) continue
      const askedAt = performance.now()
      const facts = await stat(join(inbox, name)).catch(() => undefined) // taken away between the two looks
      if (!facts?.isFile()) continue
      if (!isComplete(name, facts, askedAt)) isSettling = true
      else {
        await moveTo('reading', name, join(inbox, name))
        looks.delete(name)
      }
    }
    const present = new Set(names)
    for (const name of looks.keys()) if (!present.has(name)) looks.delete(name)
    const trouble = await takeAll()
    if (trouble) tell('failing', trouble)
    else tell('running')
    return isSettling ? Math.min(settleMs + 20, pollMs) : pollMs
  }

  /** Takes everything in `reading/`, also what an earlier life left there. @returns what went wrong last */
  const takeAll = async (): Promise<Told | undefined> => {
    let trouble: Told | undefined
    const names = await readdir(reading).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [] // made with the first file
      throw error
    })
    for (const name of names.sort()) {
      if (isClosed) return trouble
      try {
        await take(name, join(reading, name), formatOf(name) ?? 'csv')
      } catch (error) {
        trouble = {
          code: 'file-waits',
          text: `${name} could not be taken: ${messageOf(error)} It is kept in ${reading} and tried again.`,
          blanks: { file: name, reason: messageOf(error), folder: reading },
        }
      }
    }
    return trouble
  }

  const take = async (name: string, path: string, format: 'csv' | 'json'): Promise<void> => {
    const before = await stat(path)
    const parsed = before.size > MAX_BYTES ? refusal(`it is larger than ${MAX_BYTES / 1e6} MB`) : await read(path, format)
    if (!parsed.isGood) return refuse(name, path, parsed.problems)
    try {
      await context.offer(
        parsed.orders.map(({ place, order }) => ({ kind: 'workOrder' as const, key: order.number, source: `${name}, ${place}`, payload: order })),
      )
    } catch (error) {
      if (error instanceof UserError) return refuse(name, path, [{ place: 'file', reason: error.message }])
      throw error
    }
    // a writer that paused for longer than the settle time: read it once more
    const after = await stat(path)
    if (after.size === before.size && after.mtimeMs === before.mtimeMs) await moveTo('done', name, path)
  }

  const read = async (path: string, format: 'csv' | 'json'): Promise<ParsedFile> => {
    const bytes = await readFile(path)
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return refusal('it is UTF-16; save it as UTF-8')
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return refusal('it is not UTF-8; save it as "CSV UTF-8"')
    }
    return format === 'json' ? parseJsonOrders(text) : parseCsvOrders(text, settings.delimiter === 'tab' ? '\t' : settings.delimiter)
  }

  const refuse = async (name: string, path: string, problems: { place: string; reason: string }[]): Promise<void> => {
    const moved = await moveTo('refused', name, path)
    const lines = problems.map(({ place, reason }) => `${place}: ${reason}`)
    const text = `${name} was not taken, none of its orders. Correct it and put it into the inbox again.\n\n${lines.join('\n')}\n`
    await writeFile(`${moved}.reason.txt`, text)
    for (const { place, reason } of problems.slice(0, MAX_PROBLEMS_TOLD))
      context.problem({
        source: `${name}, ${place}`,
        reason: `${reason}. Nothing of the file was taken.`,
        code: 'order-refused',
        blanks: { reason: reason.slice(0, 1000) },
      })
    if (problems.length > MAX_PROBLEMS_TOLD)
      context.problem({
        source: name,
        reason: `${problems.length - MAX_PROBLEMS_TOLD} more rows are broken; all stand in refused/${parsePath(moved).base}.reason.txt.`,
        code: 'orders-refused',
        blanks: { count: problems.length - MAX_PROBLEMS_TOLD, file: `refused/${parsePath(moved).base}.reason.txt` },
      })
  }

  /** Moves a file to where only this process writes, never replacing one of the same name. */
  const moveTo = async (folder: 'reading' | 'done' | 'refused', name: string, path: string): Promise<string> => {
    const target = join(inbox, folder)
    await madeIn(target)
    const { name: stem, ext } = parsePath(name)
    for (let count = 1; ; count += 1) {
      const to = join(target, count === 1 ? name : `${stem} (${count})${ext}`)
      const isTaken = await lstat(to).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false
          throw error
        },
      )
      if (isTaken) continue
      await rename(path, to)
      return to
    }
  }

  const schedule = (ms: number) => {
    if (isClosed) return
    clearTimeout(timer)
    timer = setTimeout(lookSoon, ms)
  }
  const lookSoon = () => {
    looking = looking.then(async () => {
      if (isClosed) return
      try {
        schedule(await look())
      } catch (error) {
        tell('failing', {
          code: 'folder-trouble',
          text: `The folder ${inbox} could not be looked through: ${messageOf(error)}`,
          blanks: { folder: inbox, reason: messageOf(error) },
        })
        schedule(pollMs)
      }
    })
  }
  const listen = () => {
    if (watcher || isClosed) return
    try {
      watcher = watch(inbox, { persistent: false }, () => schedule(20))
      const own = watcher
      watcher.on('error', () => {
        own.close()
        if (watcher === own) watcher = undefined
      })
    } catch (error) {
      // polling goes on; the number of watches of the machine may be used up
      tell('running', {
        code: 'folder-polled',
        text: `New files are seen every ${settings.pollSeconds} s only: ${messageOf(error)}`,
        blanks: { seconds: settings.pollSeconds, reason: messageOf(error) },
      })
    }
  }

  lookSoon()
  await looking
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      watcher?.close()
      await looking
    },
  }
}

/** Makes a folder in one that is there: never the inbox itself, which a share that is away would then seem to be. */
async function madeIn(folder: string): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function refusal(reason: string): ParsedFile {
  return { isGood: false, problems: [{ place: 'file', reason }] }
}
