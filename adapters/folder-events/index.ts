/** Tells of files that arrive in a folder, each when it is complete. */
import { access, constants, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, parse, relative } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { type Static, Type } from 'typebox'
import { messageOf, UserError } from '../../base/errors.ts'
import { type ConnectorContext, defineConnector, type RunningConnector, takesNoConfirmations } from '../contract.ts'
import { createHealth } from '../health.ts'
import { createTeller } from '../teller.ts'

const Settings = Type.Object(
  {
    folder: Type.String({
      title: 'Folder',
      minLength: 1,
      maxLength: 500,
      placeholder: '/srv/measurements',
      description: 'As the server sees it, from the root.',
    }),
    after: Type.Enum(['move', 'leave'], {
      title: 'Afterwards',
      default: 'move',
      labels: { move: 'move the file into “done”', leave: 'leave the file where it is' },
      description: 'Moved files are never lost or told of twice. Of files that stay, those that come while the server is down are not told of.',
    }),
    content: Type.Enum(['none', 'text', 'json'], {
      title: 'Content',
      default: 'none',
      labels: { none: 'not in the event, only the path', text: 'as text', json: 'as JSON' },
      description: 'Goes along in the event, up to 200 kB.',
    }),
    watching: Type.Enum(['events', 'poll'], {
      title: 'Watching',
      default: 'events',
      labels: { events: 'the system tells of new files', poll: 'look again and again (network shares)' },
    }),
    settleSeconds: Type.Number({
      title: 'File is complete after',
      unit: 's',
      minimum: 0.1,
      maximum: 600,
      default: 1,
      description: 'A file that has not changed for this long is told of.',
    }),
  },
  { additionalProperties: false },
)
type Settings = Static<typeof Settings>

const MAX_CONTENT_BYTES = 200_000
/** How often the folder itself is looked for: it may have been unmounted, and come back as another. */
const LOOK_FOR_FOLDER_MS = 1000
/** Files that are dealt with at the same time. */
const AT_ONCE = 50
const NAMES_SEEN = 3
const LOOK_MS = 500
const TEMPORARY = /^[.~]|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp|lock)$/i

export const folderEvents = defineConnector({
  id: 'folder-events',
  label: 'Folder',
  summary: 'Tells flows of files that arrive in a folder, with their content if wanted.',
  use: 'For measuring machines, CAM and other programs that write files: each new file starts a flow. Set an “event trigger” to this connection.',
  promises: [
    'With “move the file”: no file is lost, and each is told of once, also when the server, the network share or the power goes.',
    'With “leave the file”: those that come while the server is down are not told of.',
    'While no flow waits for its files they stay in the folder.',
  ],
  settings: Settings,
  shapes: {
    event: Type.Object({
      subject: Type.String({ examples: ['part-17.csv'] }),
      text: Type.String({ examples: ['file part-17.csv arrived'] }),
      payload: Type.Object({
        name: Type.String({ examples: ['part-17.csv'] }),
        path: Type.String({ examples: ['/srv/measurements/done/part-17.csv'] }),
        folder: Type.String({ examples: ['/srv/measurements'] }),
        bytes: Type.Integer({ examples: [512] }),
        modifiedAt: Type.String({ examples: ['2026-01-15T08:00:00.000Z'] }),
        content: Type.Optional(Type.Unknown({ examples: ['feature,value\nbore,22.003\n'] })),
      }),
    }),
  },
  secrets: [],
  secretsAreFor: [],
  distinctBy: ['folder'],
  async check({ folder, after }) {
    await checkFolder(folder, after)
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile() && !isTemporary(entry.name)).map(({ name }) => name)
    const some = names.slice(0, NAMES_SEEN).join(', ')
    const may = after === 'move' ? 'read and written' : 'read'
    return [
      { code: after === 'move' ? 'folder-seen-writable' : 'folder-seen', text: `The folder ${folder} can be ${may}.`, blanks: { folder } },
      names.length
        ? {
            code: after === 'move' ? 'files-waiting' : 'files-there',
            text: `Files in it: ${names.length} (${some}${names.length > NAMES_SEEN ? ', …' : ''}). ${after === 'move' ? 'They will be told of.' : 'They are there already and not told of.'}`,
            blanks: { count: names.length, some: names.length > NAMES_SEEN ? `${some}, …` : some },
          }
        : { code: 'folder-empty', text: 'No file is in it just now.' },
    ]
  },
  start: ({ settings, context }) => start(settings, context),
})

const isTemporary = (name: string) => TEMPORARY.test(name)

/** @throws UserError folder-not-absolute, folder-not-found, folder-not-writable */
async function checkFolder(folder: string, after: Settings['after']): Promise<void> {
  const fail = (code: string, message: string, cause?: unknown) => new UserError({ code, message, details: { blanks: { folder } }, cause })
  if (!isAbsolute(folder)) throw fail('folder-not-absolute', `The folder "${folder}" must be given from the root, e.g. /srv/measurements.`)
  const found = await stat(folder).catch(() => undefined) // said below, in words
  if (!found?.isDirectory())
    throw fail('folder-not-found', `${folder} is no folder that this server can see. Make it, mount its share, or give its right path.`)
  try {
    await access(folder, after === 'move' ? constants.R_OK | constants.W_OK | constants.X_OK : constants.R_OK | constants.X_OK)
  } catch (error) {
    throw fail(
      after === 'move' ? 'folder-not-writable' : 'folder-not-readable',
      `The folder ${folder} may not be ${after === 'move' ? 'read and written' : 'read'} by this server. Give the server's account access to it.`,
      error,
    )
  }
}

async function start(settings: Settings, context: ConnectorContext): Promise<RunningConnector> {
  const { folder, after, content } = settings
  const health = createHealth(context, ['folder', 'gateway'])
  const teller = createTeller(context, (trouble) => health.set('gateway', trouble))
  const done = join(folder, 'done')
  /** Paths that are to be dealt with, in the order they came, and those that are. */
  const waiting = new Set<string>()
  const underWay = new Map<string, Promise<void>>()
  /** Names in `done` that a file under way will take. */
  const taken = new Set<string>()
  /** What was told of and is still there, by path, as it was then. */
  const known = new Map<string, string>()
  let isPolling = settings.watching === 'poll'

  const open = (): FSWatcher =>
    watch(folder, {
      depth: 0,
      ignored: (path) => relative(folder, path) !== '' && (isTemporary(basename(path)) || basename(path) === 'done'),
      awaitWriteFinish: { stabilityThreshold: settings.settleSeconds * 1000, pollInterval: Math.min(100, settings.settleSeconds * 500) },
      usePolling: isPolling,
      interval: LOOK_MS,
    })
      .on('add', (path) => take(path))
      .on('change', (path) => after === 'leave' && take(path))
      .on('error', (error) => {
        // inotify(7): no more watches or instances for this user
        if (['ENOSPC', 'EMFILE'].includes(String((error as NodeJS.ErrnoException).code)) && !isPolling) {
          isPolling = true
          void reopen().catch(troubled)
        } else troubled(error)
      })
  const troubled = (error: unknown) =>
    health.set('folder', {
      code: 'folder-trouble',
      text: `The folder ${folder} could not be looked through: ${messageOf(error)}`,
      blanks: { folder, reason: messageOf(error) },
    })

  const take = (path: string) => {
    waiting.add(path)
    takeNext()
  }
  const takeNext = () => {
    for (const path of waiting) {
      if (underWay.size >= AT_ONCE || context.signal.aborted) return
      if (underWay.has(path)) continue
      waiting.delete(path)
      const work = tell(path)
        .catch((error: unknown) => context.problem({ source: basename(path), reason: messageOf(error) }))
        .finally(() => {
          underWay.delete(path)
          takeNext()
        })
      underWay.set(path, work)
    }
  }
  const tell = async (path: string): Promise<void> => {
    const found = await stat(path).catch(() => undefined) // taken away again before it was told of
    if (!found?.isFile()) return
    const name = basename(path)
    const modifiedAt = found.mtime.toISOString()
    const key = `${name} ${found.size} ${modifiedAt} ${found.ino}`
    const isTold = known.get(path) === key
    if (after === 'leave' && isTold) return
    const text = await contentOf(path, content, found.size)
    const target = after === 'move' ? join(done, await freeName(done, name, taken)) : path
    try {
      const payload = { name, path: target, folder, bytes: found.size, modifiedAt, ...text }
      // one whose share went away before it was moved is only moved
      const fate = isTold ? 'stored' : await teller.tell({ key, subject: name, text: `file ${name} arrived`, payload })
      if (fate !== 'stored') return
      known.set(path, key)
      if (after === 'move') {
        await madeIn(done)
        await rename(path, target)
        known.delete(path)
      }
    } finally {
      taken.delete(basename(target))
    }
  }

  // a folder that is away is looked for again; one that came back may be another (a share that was mounted anew)
  let watcher: FSWatcher | undefined
  let isIn: string | undefined
  const reopen = async () => {
    await watcher?.close()
    watcher = undefined
    if (context.signal.aborted) return
    const next = open()
    watcher = next
    // what comes from now on is seen
    await new Promise<void>((resolve) => next.once('ready', resolve))
  }
  const look = async () => {
    const found = await stat(folder).catch(() => undefined) // said below
    if (context.signal.aborted) return
    if (!found?.isDirectory()) {
      isIn = undefined
      health.set('folder', {
        code: 'folder-away',
        text: `The folder ${folder} is away. It is looked for every second; check the mount or the network share.`,
        blanks: { folder, reason: 'not there', seconds: 1 },
      })
      await watcher?.close()
      watcher = undefined
      return
    }
    const place = `${found.dev}:${found.ino}`
    if (place === isIn && watcher) return
    isIn = place
    await reopen()
    health.set('folder')
  }
  if (after === 'leave') await remember(folder, known)
  await look()
  if (watcher) context.state('running')
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    // a dead network share may hold up a look for long
    looking ??= look()
      .catch(troubled)
      .finally(() => {
        looking = undefined
      })
  }, LOOK_FOR_FOLDER_MS)
  return {
    confirm: takesNoConfirmations,
    async close() {
      clearInterval(timer)
      await looking
      await watcher?.close()
      await Promise.all(underWay.values())
      await teller.close()
    },
  }
}

/** Files that are there at the beginning were told of, or are not to be. */
async function remember(folder: string, known: Map<string, string>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []) // away: then nothing is there
  for (const entry of entries) {
    const path = join(folder, entry.name)
    const found = entry.isFile() ? await stat(path).catch(() => undefined) : undefined // gone again
    if (found) known.set(path, `${entry.name} ${found.size} ${found.mtime.toISOString()} ${found.ino}`)
  }
}

async function contentOf(path: string, how: Settings['content'], bytes: number): Promise<{ content?: unknown; contentText?: string }> {
  if (how === 'none') return {}
  if (bytes > MAX_CONTENT_BYTES) return { contentText: `too large: ${bytes} bytes` }
  const text = await readFile(path, 'utf8')
  if (how === 'text') return { content: text }
  try {
    return { content: JSON.parse(text) as unknown }
  } catch (error) {
    throw new UserError({ code: 'not-json', message: `The file is not JSON: ${messageOf(error)}` })
  }
}

/** Makes a folder in one that is there: never that one itself, which a share that is away would then seem to be. */
async function madeIn(folder: string): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** A file of that name may have arrived before. The name is `taken` until it is given back. */
async function freeName(folder: string, name: string, taken: Set<string>): Promise<string> {
  const { name: stem, ext } = parse(name)
  for (let count = 1; ; count += 1) {
    const tried = count === 1 ? name : `${stem}-${count}${ext}`
    if (taken.has(tried)) continue
    taken.add(tried)
    const isThere = await stat(join(folder, tried)).then(
      () => true,
      () => false,
    )
    if (!isThere) return tried
    taken.delete(tried)
  }
}
