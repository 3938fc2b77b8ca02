/** Where the product is installed. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder with our package.json, from the bundle in dist/ as from the sources. */
export function packageRoot(): string {
  let dir = import.meta.dirname
  while (!existsSync(join(dir, 'package.json')) || dir.endsWith('node-red')) {
    const parent = dirname(dir)
    if (parent === dir) throw new Error('package.json was not found above the program')
    dir = parent
  }
  return dir
}
