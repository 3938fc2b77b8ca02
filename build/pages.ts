/**
 * Builds the web pages into dist/pages. A page is a folder of `editor/` with a `main.tsx`; its HTML is made from
 * editor/shared/page.html. Nothing inline: the pages run under `script-src 'self'`.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build, type InlineConfig, type Plugin } from 'vite'

/** Page file and the folder it comes from. */
const PAGES = { index: 'designer', 'sign-in': 'sign-in', setup: 'setup', operator: 'operator', runs: 'runs' }

/** Makes each page's HTML, and the small script that sets colours and language before the first paint. */
function html(editor: string): Plugin {
  const template = () => readFileSync(join(editor, 'shared/page.html'), 'utf8')
  const pageOf = (id: string) => Object.entries(PAGES).find(([name]) => id === join(editor, `${name}.html`))
  const boot = readFileSync(join(editor, 'shared/theme-boot.js'), 'utf8')
  const bootName = `assets/theme-boot-${createHash('sha256').update(boot).digest('hex').slice(0, 8)}.js`
  return {
    name: 'cellwright-pages',
    resolveId: (id) => (pageOf(id) ? id : undefined),
    load: (id) => {
      const page = pageOf(id)
      return page && template().replace('%ENTRY%', `/${page[1]}/main.tsx`)
    },
    buildStart() {
      this.emitFile({ type: 'asset', fileName: bootName, source: boot })
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${bootName}` }, injectTo: 'head-prepend' }],
  }
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
