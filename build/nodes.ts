/**
 * Writes dist/node-red: our nodes as a Node-RED module. One ESM `.js` a type (Node-RED imports it and takes the
 * `.html` of the same name), what they share in `chunks/`, icons, example flows, the stock editor's form script, and
 * `declarations.json` for the product's own palette and forms.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { marked } from 'marked'
import { describeNode } from '../nodes/define-node/describe.ts'
import { editorHtml, FORMS_SCRIPT } from '../nodes/define-node/editor-html.ts'
import { NODES } from '../nodes/index.ts'
import { nodeFiles } from './node-files.ts'

const MODULE = '@cellwright/nodes'

export default async function run({ root, dist }: { root: string; dist: string }): Promise<void> {
  const out = join(dist, 'node-red')
  await mkdir(join(out, 'icons'), { recursive: true })
  await mkdir(join(out, 'resources'), { recursive: true })
  const files = await nodeFiles(join(root, 'nodes'))
  const descriptions = []
  for (const declaration of NODES) {
    const file = files.get(declaration.type)
    if (!file) throw new Error(`${declaration.type} is in nodes/index.ts, but no nodes/*/*.node.ts exports it as its default.`)
    const helpHtml = await helpOf(file.replace(/\.node\.ts$/, '.md'))
    const germanFile = file.replace(/\.node\.ts$/, '.de.md')
    const germanHelpHtml = existsSync(germanFile) ? await helpOf(germanFile) : undefined
    const iconSvg = await readFile(join(root, 'nodes/icons', `${declaration.icon}.svg`), 'utf8')
    await writeFile(join(out, 'icons', `${declaration.icon}.svg`), iconSvg)
    await writeFile(join(out, `${declaration.type}.html`), editorHtml(declaration, { module: MODULE, helpHtml }))
    const example = await readExample(file)
    if (example) await writeExample({ out, family: declaration.family, label: declaration.label, example })
    descriptions.push(describeNode(declaration, { iconSvg, helpHtml, germanHelpHtml, example }))
  }
  await writeFile(join(out, 'declarations.json'), `${JSON.stringify(descriptions, null, 1)}\n`)
  await writeFile(join(out, 'package.json'), `${JSON.stringify(await packageJson(root), null, 2)}\n`)
  await bundleTypes({ root, out, files })
  await build({
    absWorkingDir: root,
    entryPoints: ['nodes/define-node/stock-editor.ts'],
    outfile: join(out, 'resources', FORMS_SCRIPT),
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  })
}

const helpOf = async (markdownFile: string) => marked.parse(await readFile(markdownFile, 'utf8'), { async: true })

/** The flow beside a node's source, `<name>.example.json`, where there is one. */
async function readExample(nodeFile: string): Promise<unknown[] | undefined> {
  const file = nodeFile.replace(/\.node\.ts$/, '.example.json')
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as unknown[]) : undefined
}

/** Where Node-RED's editor looks for the examples of a module, for its import dialog (@node-red/registry lib/localfilesystem.js). */
async function writeExample({ out, family, label, example }: { out: string; family: string; label: string; example: unknown[] }): Promise<void> {
  const folder = join(out, 'examples', family)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${label}.json`), `${JSON.stringify(example, null, 2)}\n`)
}

async function packageJson(root: string): Promise<Record<string, unknown>> {
  const { version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string; license: string }
  return {
    name: MODULE,
    version,
    description: 'The Cellwright nodes: machines, jobs, operator buttons, quality checks and work orders. They work inside Cellwright.',
    license,
    type: 'module',
    keywords: ['node-red'],
    'node-red': { version: '>=5', nodes: Object.fromEntries(NODES.map(({ type }) => [type, `${type}.js`])) },
  }
}

const ENTRY = 'node-red-entry:'

/** One entry a type: the declaration, wrapped for Node-RED. Everything is bundled: the folder stands alone. */
async function bundleTypes({ root, out, files }: { root: string; out: string; files: Map<string, string> }): Promise<void> {
  const entries: Plugin = {
    name: 'node-red-entries',
    setup(plugin) {
      plugin.onResolve({ filter: new RegExp(`^${ENTRY}`) }, ({ path }) => ({ path: path.slice(ENTRY.length), namespace: 'node-red-entry' }))
      plugin.onLoad({ filter: /.*/, namespace: 'node-red-entry' }, ({ path: type }) => {
        const file = files.get(type) ?? ''
        return {
          resolveDir: dirname(file),
          contents: `import declaration from ${JSON.stringify(file)}\nimport { nodeRedModule } from ${JSON.stringify(join(root, 'nodes/define-node/runtime.ts'))}\nexport default nodeRedModule(declaration)\n`,
        }
      })
    },
  }
  await build({
    absWorkingDir: root,
    entryPoints: NODES.map(({ type }) => ({ in: `${ENTRY}${type}`, out: type })),
    outdir: out,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    minifySyntax: true,
    minifyWhitespace: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [entries],
  })
}
