/**
 * Builds the web pages into dist/pages. A page is a folder of `editor/` with a `main.tsx`; its HTML is made from
 * editor/shared/page.html. Nothing inline: the pages run under `script-src 'self'`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build, type InlineConfig, type Plugin } from 'vite'
import { compressPages } from './compressed.ts'
import { type Asset, hashed, installable } from './installable.ts'

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

/** One file each, and not one for each icon and part: over a weak Wi-Fi it is the number of questions that takes the time. */
const FEW = [
  { name: 'icons', test: /node_modules[\\/]lucide-react[\\/]/ },
  { name: 'mantine', test: /node_modules[\\/](@mantine[\\/](core|hooks)|@floating-ui|react-remove-scroll|use-|react-style-singleton|get-nonce|clsx|tabbable)/ },
]

/** Makes each page's HTML, and the small script that sets colours and language before the first paint. */
function html(editor: string, { boot, icon }: { boot: Asset; icon: Asset }): Plugin {
  const template = () => readFileSync(join(editor, 'shared/page.html'), 'utf8')
  const pageOf = (id: string) => Object.entries(PAGES).find(([name]) => id === join(editor, `${name}.html`))
  return {
    name: 'cellwright-pages',
    resolveId: (id) => (pageOf(id) ? id : undefined),
    load: (id) => {
      const page = pageOf(id)
      return page && template().replace('%ENTRY%', `/${page[1]}/main.tsx`)
    },
    buildStart() {
      for (const { fileName, source } of [boot, icon]) this.emitFile({ type: 'asset', fileName, source })
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
  const asset = (file: string) => hashed(file, readFileSync(join(editor, 'shared', file), 'utf8'))
  const shared = { boot: asset('theme-boot.js'), icon: asset('icon.svg') }
  const present = Object.entries(PAGES).filter(([, folder]) => existsSync(join(editor, folder, 'main.tsx')))
  return {
    configFile: false,
    root: editor,
    publicDir: false,
    cacheDir: join(root, 'node_modules/.vite'),
    logLevel: 'warn',
    plugins: [react(), html(editor, shared), installable({ editor, ...shared })],
    worker: { format: 'es', plugins: () => [expressionsOfTheRuntime()] },
    build: {
      outDir: join(dist, 'pages'),
      emptyOutDir: true,
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1_000,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries(present.map(([name]) => [name, join(editor, `${name}.html`)])),
        output: { codeSplitting: { groups: FEW } },
      },
    },
  }
}

export default async function run(options: { root: string; dist: string }): Promise<void> {
  await build(pagesConfig(options))
  await compressPages(join(options.dist, 'pages'))
}
