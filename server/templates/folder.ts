/**
 * A template as a folder: how it is written and kept in a version control. Without `signature.json` it is a source that nobody has
 * sealed yet; with it, it is checked like an archive.
 */
import { mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Files, refused } from './archive/limits.ts'
import { checkPath, fileCollection } from './archive/paths.ts'

/** @throws UserError template-refused: links, what no template holds, too much of anything; errors of the file system */
export async function readFolder(dir: string): Promise<Files> {
  const collection = fileCollection()
  const look = async (within: string): Promise<void> => {
    const entries = await readdir(join(dir, within), { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const given = within ? `${within}/${entry.name}` : entry.name
      if (entry.isDirectory()) {
        checkPath(`${given}/`, true)
        await look(given)
        continue
      }
      if (!entry.isFile()) throw refused(`${given} is no plain file.`, { file: given, why: 'not-a-file' })
      const path = checkPath(given, false)
      if (path === undefined) continue
      collection.claim(path)
      collection.files.set(path, await readWhole(join(dir, given), path, collection.count))
    }
  }
  await look('')
  return collection.files
}

async function readWhole(file: string, path: string, count: (path: string, size: number, more: number) => void): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    count(path, size, size)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Writes the files into a folder that is empty or not there. @throws NodeJS.ErrnoException ENOTEMPTY and what the file system says */
export async function writeFolder(dir: string, files: Files): Promise<void> {
  await mkdir(dir, { recursive: true })
  if ((await readdir(dir)).length) throw Object.assign(new Error(`${dir} is not empty`), { code: 'ENOTEMPTY' })
  for (const [path, content] of files) {
    const target = join(dir, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
}
