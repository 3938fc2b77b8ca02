/** Finds the file of each node type: the default export of nodes/<family>/<name>.node.ts. */
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @returns absolute paths by node type */
export async function nodeFiles(nodesFolder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for await (const name of glob('*/*.node.ts', { cwd: nodesFolder })) {
    const file = join(nodesFolder, name)
    const { default: declaration } = (await import(pathToFileURL(file).href)) as { default?: { type?: string } }
    if (!declaration?.type) throw new Error(`${file} has no default export made with defineNode.`)
    files.set(declaration.type, file)
  }
  return files
}
