/**
 * Serves the built pages. A stranger gets the sign-in page and what it needs, nothing else: which files
 * those are is read from the build's own output.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type Express, type Request, type Response } from 'express'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { notSignedIn, sendProblem } from './problem.ts'
import type { CallerLookup } from './router.ts'

/** Pages that a stranger may see. */
const PUBLIC_PAGES = ['sign-in', 'setup', 'trust', 'welcome']
/** What browsers ask for without saying who they are, or before anybody is: how a page is installed, and what stands in while the server is away. */
const PUBLIC_FILES = ['sw.js', 'offline.html', 'panel.webmanifest', 'designer.webmanifest']
/** The page that a kiosk shows. */
const KIOSK_PAGE = 'operator.html'
const TEXT = new Set(['.html', '.js', '.mjs', '.css', '.json', '.webmanifest'])

/** What may be the name of a file: the build makes no others. */
const FILE_NAME = /[\w-]+(?:\.[\w-]+)+/g

/**
 * The files (paths below `dir`, with `/`) that the public pages need: those whose name occurs in a public
 * page, in a file it names, and so on. Built names carry a hash, so a name never occurs by chance.
 */
export function publicFiles(dir: string): ReadonlySet<string> {
  if (!existsSync(dir)) return new Set()
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dir.length + 1)
        .replaceAll('\\', '/'),
    )
  const byName = Map.groupBy(files, (file) => file.split('/').pop() ?? file)
  const found = new Set<string>()
  const visit = (file: string) => {
    if (found.has(file)) return
    found.add(file)
    if (!TEXT.has(extname(file))) return
    // the words of a text are looked up, not the names in it one by one: megabytes and hundreds of names at every start
    for (const [word] of readFileSync(join(dir, file), 'utf8').matchAll(FILE_NAME)) {
      // another page that is linked to is not a part of this one
      if (extname(word) !== '.html') for (const other of byName.get(word) ?? []) visit(other)
    }
  }
  for (const file of [...PUBLIC_PAGES.map((page) => `${page}.html`), ...PUBLIC_FILES]) if (files.includes(file)) visit(file)
  return found
}

/** What the build has compressed, by what browsers call it; the best first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
const isCompressed = (path: string) => ENCODINGS.some(([, end]) => path.endsWith(end))

/** The compressed files below a folder, paths with `/`. */
function compressedFiles(dir: string): ReadonlySet<string> {
  if (!existsSync(dir)) return new Set()
  return new Set((readdirSync(dir, { recursive: true }) as string[]).filter(isCompressed).map((file) => file.replaceAll('\\', '/')))
}

const wantsHtml = (request: Request) => (request.headers.accept ?? '').includes('text/html')

/** Mounts the pages; the last thing on the app. */
export function mountPages(app: Express, options: { dir: string; auth: CallerLookup; log: Logger }): void {
  const { dir, auth, log } = options
  const open = publicFiles(dir)
  const compressed = compressedFiles(dir)
  const files = express.static(dir, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    setHeaders(response, path) {
      const isHashed = path.includes(`${join(dir, 'assets')}`)
      if (path.endsWith('.webmanifest')) response.setHeader('Content-Type', 'application/manifest+json')
      response.setHeader('Cache-Control', isHashed ? 'private, max-age=31536000, immutable' : 'no-cache')
    },
  })
  /** The page a path belongs to: its first segment names it, what follows is the page's own business. */
  const pageOf = (path: string): string | undefined => {
    const name = path.split('/')[1] || 'index'
    if (!/^[a-z0-9-]+$/.test(name)) return undefined
    if (existsSync(join(dir, `${name}.html`))) return `${name}.html`
    return name === 'setup' && existsSync(join(dir, 'sign-in.html')) ? 'sign-in.html' : undefined
  }
  /** Names the compressed file in place of one that has one and is taken so. */
  const smallest = (file: string, request: Request, response: Response): string => {
    const found = ENCODINGS.filter(([, end]) => compressed.has(file + end))
    if (found.length === 0) return file
    response.vary('Accept-Encoding')
    const taken = found.find(([name]) => request.acceptsEncodings(name))
    if (!taken) return file
    response.setHeader('Content-Encoding', taken[0])
    response.type(extname(file))
    return file + taken[1]
  }
  const nothingHere = () =>
    new UserError({
      code: 'not-found',
      status: 404,
      message: existsSync(dir) ? 'There is no page at this address.' : 'The pages are not built. Run "npm run build" and start again.',
    })

  const serve = async (request: Request, response: Response): Promise<void> => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const path = request.path
    const page = pageOf(path)
    // a kiosk leads to no other page (its people sign in on it), whatever address somebody gets into it, unless somebody is there who may set one up
    if (page !== undefined && page !== KIOSK_PAGE && auth.kioskOf?.(request)) {
      const caller = await auth.callerOf(request)
      if (!caller?.capabilities.has('panels.arrange')) {
        response.setHeader('Cache-Control', 'no-store')
        response.redirect(302, '/operator')
        return
      }
    }
    const isOpen = isRead && (open.has(path.slice(1)) || (page !== undefined && PUBLIC_PAGES.includes(path.split('/')[1] ?? '')))
    if (!isOpen && !(await auth.callerOf(request))) {
      if (!isRead || !wantsHtml(request)) throw notSignedIn()
      response.setHeader('Cache-Control', 'no-store')
      response.redirect(302, path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(request.originalUrl)}`)
      return
    }
    if (!isRead || isCompressed(path)) throw nothingHere()
    if (page) {
      response.setHeader('Cache-Control', 'no-cache')
      const file = smallest(page, request, response)
      await new Promise<void>((resolve, reject) => response.sendFile(file, { root: dir }, (error) => (error ? reject(error) : resolve())))
      return
    }
    await new Promise<void>((resolve, reject) => {
      response.on('close', resolve)
      const file = smallest(path.slice(1), request, response)
      request.url = `/${file}`
      files(request, response, (error?: unknown) => reject(error ?? nothingHere()))
    })
  }
  app.use((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // the browser went away while the file was on its way
      if ((error as NodeJS.ErrnoException).code === 'ECONNABORTED') return
      sendProblem(response, error, log)
    })
  })
}
