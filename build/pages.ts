/**
 * Builds the web pages into dist/pages. A page is a folder of `editor/` with a `main.tsx`; its HTML is made from
 * editor/shared/page.html. Nothing inline: the pages run under `script-src 'self'`.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build, type InlineConfig, type Plugin } from 'vite'

/** Page file and the folder it comes from. */
const PAGES = {
  index: 'designer',
  'sign-in': 'sign-in',
  setup: 'setup',
  trust: 'trust',
  welcome: 'welcome',
  operator: 'operator',
  programs: 'programs',
  machines: 'machines',
  triggers: 'triggers',
  runs: 'runs',
  quality: 'quality',
  jobs: 'jobs',
  connections: 'connections',
  templates: 'templates',
  history: 'history',
  environment: 'environment',
  settings: 'settings',
  'api-docs': 'api-docs',
}

/** Makes each page's HTML, and the small script that sets colours and language before the first paint. */
function html(editor: string): Plugin {
  const template = () => readFileSync(join(editor, 'shared/page.html'), 'utf8')
  const pageOf = (id: string) => Object.entries(PAGES).find(([name]) => id === join(editor, `${name}.html`))
  const asset = (file: string) => {
    const source = readFileSync(join(editor, 'shared', file), 'utf8')
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 8)
    return { type: 'asset', fileName: `assets/${file.replace('.', `-${hash}.`)}`, source } as const
  }
  const boot = asset('theme-boot.js')
  const icon = asset('icon.svg')
  return {
    name: 'cellwright-pages',
    resolveId: (id) => (pageOf(id) ? id : undefined),
    load: (id) => {
      const page = pageOf(id)
      return page && template().replace('%ENTRY%', `/${page[1]}/main.tsx`)
    },
    buildStart() {
      this.emitFile(boot)
      this.emitFile(icon)
      // at the root: it is for all pages
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: readFileSync(join(editor, 'shared/sw.js'), 'utf8') })
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: `/${boot.fileName}` }, injectTo: 'head-prepend' },
      { tag: 'link', attrs: { rel: 'icon', type: 'image/svg+xml', href: `/${icon.fileName}` }, injectTo: 'head' },
    ],
  }
}

/** The very libraries that evaluate expressions in the flow runtime, found where it finds them: a preview shows what a flow will do. */
function expressionsOfTheRuntime(): Plugin {
  const from = (name: string, base: string) => createRequire(base).resolve(name)
  const nodeRed = from('node-red', import.meta.url)
  const files: Readonly<Record<string, () => string>> = {
    'virtual:jsonata-of-the-runtime': () => from('@node-red/util/lib/jsonata', nodeRed),
    'virtual:moment-of-the-runtime': () => from('moment-timezone', from('@node-red/util', nodeRed)),
  }
  return { name: 'cellwright-expressions', resolveId: (id) => files[id]?.() }
}

/** Vite's configuration for the pages, also for a development server. */
export function pagesConfig({ root, dist }: { root: string; dist: string }): InlineConfig {
  const editor = join(root, 'editor')
  const present = Object.entries(PAGES).filter(([, folder]) => existsSync(join(editor, folder, 'main.tsx')))
  return {
    configFile: false,
    root: editor,
    publicDir: false,
    cacheDir: join(root, 'node_modules/.vite'),
    logLevel: 'warn',
    plugins: [react(), html(editor)],
    worker: { format: 'es', plugins: () => [expressionsOfTheRuntime()] },
    build: {
      outDir: join(dist, 'pages'),
      emptyOutDir: true,
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1_000,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: Object.fromEntries(present.map(([name]) => [name, join(editor, `${name}.html`)])) },
    },
  }
}

export default async function run(options: { root: string; dist: string }): Promise<void> {
  await build(pagesConfig(options))
}
