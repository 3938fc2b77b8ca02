/** What makes the pages installable on a device: manifests, icons, the service worker and the one page that it keeps. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { HtmlTagDescriptor, Plugin } from 'vite'

/** Of `editor/shared/tokens.css`: what stands around a page that is installed (frame, ground). */
const LIGHT = '#f1f2f4'
const DARK = '#131518'

/** Two things to install: what an operator has on the wall, and everything. The sign-in page belongs to both. */
const APPS = {
  panel: {
    id: '/operator',
    start_url: '/operator',
    name: 'Cellwright Panel',
    short_name: 'Panel',
    description: 'The operator panel: machines, programs, STOP and HOLD.',
    // bars of the system are back with one touch where the device has no full screen
    display: 'fullscreen',
    display_override: ['fullscreen', 'standalone'],
  },
  designer: {
    id: '/',
    start_url: '/',
    name: 'Cellwright',
    short_name: 'Cellwright',
    description: 'Flows, machines, jobs and quality of the shop.',
    display: 'standalone',
  },
} as const

const ICONS = [
  { file: 'icon-192.png', sizes: '192x192', purpose: 'any' },
  { file: 'icon-512.png', sizes: '512x512', purpose: 'any' },
  { file: 'icon-maskable-192.png', sizes: '192x192', purpose: 'maskable' },
  { file: 'icon-maskable-512.png', sizes: '512x512', purpose: 'maskable' },
] as const
const APPLE_ICON = 'icon-apple-180.png'

export interface Asset {
  readonly fileName: string
  readonly source: string | Buffer
}

/** A file whose name changes with its content: it is kept for ever. */
export function hashed(name: string, source: string | Buffer): Asset {
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 8)
  const dot = name.lastIndexOf('.')
  return { fileName: `assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, source }
}

/** The worker as one script, which knows the names of what it keeps. */
async function workerScript(folder: string, kept: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    define: { OFFLINE_FILES: JSON.stringify(kept) },
  })
  return outputFiles[0]?.text ?? ''
}

/** @param options.boot @param options.icon which all pages have */
export function installable({ editor, boot, icon }: { editor: string; boot: Asset; icon: Asset }): Plugin {
  const worker = join(editor, 'service-worker')
  const icons = new Map(readdirSync(join(editor, 'shared/icons')).map((file) => [file, hashed(file, readFileSync(join(editor, 'shared/icons', file)))]))
  const address = (asset: Asset | undefined) => `/${asset?.fileName ?? ''}`
  const style = hashed('offline.css', ['shared/tokens.css', 'service-worker/offline.css'].map((file) => readFileSync(join(editor, file), 'utf8')).join('\n'))
  const script = hashed('offline.js', readFileSync(join(worker, 'offline.js'), 'utf8'))
  const blanks: Record<string, string> = { BOOT: address(boot), ICON: address(icon), STYLE: address(style), SCRIPT: address(script) }
  const page = readFileSync(join(worker, 'offline.html'), 'utf8').replace(/%([A-Z]+)%/g, (_, name: string) => blanks[name] ?? '')
  // the page's own name says its content as well: a worker of another build keeps it anew
  const kept = ['/offline.html', address(boot), address(icon), address(style), address(script)]
  const manifestOf = (app: (typeof APPS)[keyof typeof APPS]) =>
    JSON.stringify({
      ...app,
      scope: '/',
      lang: 'en',
      dir: 'ltr',
      theme_color: LIGHT,
      background_color: LIGHT,
      categories: ['business', 'productivity'],
      icons: ICONS.map(({ file, sizes, purpose }) => ({ src: address(icons.get(file)), sizes, type: 'image/png', purpose })),
    })
  return {
    name: 'cellwright-installable',
    async buildStart() {
      const emit = ({ fileName, source }: Asset) => this.emitFile({ type: 'asset', fileName, source })
      for (const asset of [...icons.values(), style, script]) emit(asset)
      emit({ fileName: 'offline.html', source: page })
      emit({ fileName: 'sw.js', source: `${await workerScript(worker, kept)}// ${createHash('sha256').update(page).digest('hex').slice(0, 16)}\n` })
      for (const [name, app] of Object.entries(APPS)) emit({ fileName: `${name}.webmanifest`, source: manifestOf(app) })
    },
    transformIndexHtml: (_html, { path }): HtmlTagDescriptor[] => [
      { tag: 'link', attrs: { rel: 'manifest', href: `/${path.includes('operator') ? 'panel' : 'designer'}.webmanifest` }, injectTo: 'head' },
      { tag: 'link', attrs: { rel: 'apple-touch-icon', href: address(icons.get(APPLE_ICON)) }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: LIGHT, media: '(prefers-color-scheme: light)' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'theme-color', content: DARK, media: '(prefers-color-scheme: dark)' }, injectTo: 'head' },
      { tag: 'meta', attrs: { name: 'mobile-web-app-capable', content: 'yes' }, injectTo: 'head' },
    ],
  }
}
