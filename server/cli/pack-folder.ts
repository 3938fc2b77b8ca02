/** What a move in reads of a folder, as one file for the server. Links are not followed. */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { UserError } from '../../base/errors.ts'
import { isReadByMoveIn } from '../api/index.ts'
import { fileProblem } from './files.ts'

const MOST_DEPTH = 12

/**
 * Calls `use` with a packed file, which is gone afterwards: there are passwords in it.
 * @throws UserError file-missing, file-unusable, folder-empty, folder-link
 */
export async function withPackedFolder<T>(folder: string, use: (file: string) => Promise<T>): Promise<T> {
  const files = await filesIn(folder, '', 0)
  if (!files.length)
    throw new UserError({
      code: 'folder-empty',
      message: `There is nothing in ${folder} that could be moved in: no flows, no settings.js, no settings of a G-code sender.`,
    })
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-move-in-'))
  try {
    const file = join(dir, 'folder.tar.gz')
    // a name that begins with @ would mean an archive to the library
    await create(
      { cwd: folder, file, gzip: true, portable: true, mode: 0o600 } as never,
      files.map((path) => `./${path}`),
    )
    return await use(file)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function filesIn(folder: string, below: string, depth: number): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    throw fileProblem(join(folder, below), error)
  })
  const found: string[] = []
  for (const entry of entries) {
    const path = below ? `${below}/${entry.name}` : entry.name
    if (entry.isDirectory()) {
      if (depth < MOST_DEPTH && isReadByMoveIn(`${path}/x.json`)) found.push(...(await filesIn(folder, path, depth + 1)))
    } else if (isReadByMoveIn(path)) {
      if (!(await lstat(join(folder, path))).isFile())
        throw new UserError({
          code: 'folder-link',
          message: `${join(folder, path)} is a link or no plain file, and is not followed. Copy what it leads to in its place.`,
        })
      found.push(path)
    }
  }
  return found
}
