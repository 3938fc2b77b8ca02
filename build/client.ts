/**
 * Builds the typed client into dist/client, a package that `npm publish` takes as it is: the functions of the routes are made
 * from the OpenAPI document, what connects and listens is in `client/`. Run by `npm run client`.
 */
import { execFile } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@hey-api/openapi-ts'
import { Type } from 'typebox'
import { ROUTES, TOPICS } from '../server/api/index.ts'
import { openApi } from '../server/http/openapi.ts'

const root = join(import.meta.dirname, '..')
const source = join(root, 'client')

/** The document, and with it what the WebSocket tells, which OpenAPI has no place for. */
function documentWithTopics(version: string): Record<string, unknown> {
  const document = openApi(ROUTES, version)
  const topics = Type.Object(Object.fromEntries(Object.entries(TOPICS).map(([name, { snapshot, change }]) => [name, Type.Object({ snapshot, change })])))
  const components = document.components as { schemas: Record<string, unknown> }
  return { ...document, components: { ...components, schemas: { ...components.schemas, Topics: JSON.parse(JSON.stringify(topics)) } } }
}

/** What the package is compiled with; it stands alone, so nothing of the repository's own settings. */
const compilerOptions = (target: string) => ({
  ...{ target: 'ES2023', lib: ['ES2023', 'DOM', 'DOM.Iterable'], module: 'NodeNext', moduleResolution: 'NodeNext', types: [] },
  ...{ strict: true, verbatimModuleSyntax: true, skipLibCheck: true, declaration: true, rewriteRelativeImportExtensions: true },
  ...{ rootDir: '.', outDir: target },
})

/**
 * @param target folder of the package; what was in it goes
 * @throws Error when what is generated does not compile
 */
export async function buildClient(target: string): Promise<void> {
  const { version, license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string; license: string }
  const work = `${target}-work`
  await Promise.all([target, work].map((folder) => rm(folder, { recursive: true, force: true })))
  await cp(source, work, { recursive: true })
  await createClient({
    input: documentWithTopics(version),
    output: { path: join(work, 'generated'), module: { extension: '.ts' } },
    plugins: ['@hey-api/typescript', { name: '@hey-api/client-fetch', throwOnError: true }, '@hey-api/sdk'],
    logs: { level: 'silent', file: false },
  })
  // its own kind of module, wherever it is compiled
  await writeFile(join(work, 'package.json'), '{"type":"module"}')
  await writeFile(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions: compilerOptions(target), include: ['**/*.ts'] }))
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript-native/bin/tsc'), '-p', work]).catch((error: { stdout?: string }) => {
    throw new Error(`The client does not compile:\n${error.stdout ?? error}`)
  })
  await rm(work, { recursive: true })
  await cp(join(source, 'README.md'), join(target, 'README.md'))
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'))
  const manifest = {
    name: '@cellwright/client',
    version,
    description: 'Typed calls to a Cellwright server.',
    license,
    type: 'module',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    engines: { node: '>=22' },
    sideEffects: false,
  }
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

if (import.meta.main) await buildClient(join(root, 'dist/client'))
