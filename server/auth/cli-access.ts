/** The owner-only file by which the command line on this computer finds the server and a token for it. */
import { open, readFile, rm } from 'node:fs/promises'
import { writeOwnerFile } from '../../base/owner-file.ts'

interface CliAccess {
  url: string
  token: string
}

const textOf = (access: CliAccess) => `${JSON.stringify(access)}\n`

const AGAIN_MS = 2000

/**
 * Writes the file, and tries again until the disk takes it: a gateway that comes back on a full disk must still bring its stops.
 * @returns gives up trying
 */
export async function keepCliAccess(file: string, access: CliAccess, onTrouble: (error: unknown) => void): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  // a new file needs room that the old one has: its place is taken, though not in one step
  const inPlace = async () => {
    const text = textOf(access)
    const handle = await open(file, 'r+')
    try {
      await handle.write(text, 0)
      await handle.truncate(Buffer.byteLength(text))
    } finally {
      await handle.close()
    }
  }
  const again = () => {
    writeOwnerFile(file, textOf(access)).catch(() => {
      if (!isClosed) timer = setTimeout(again, AGAIN_MS).unref()
    })
  }
  try {
    await writeOwnerFile(file, textOf(access))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    await inPlace().catch(onTrouble)
    timer = setTimeout(again, AGAIN_MS).unref()
  }
  return () => {
    isClosed = true
    clearTimeout(timer)
  }
}

/** Takes the file away at the end, unless a later gateway has written its own. */
export async function removeCliAccess(file: string, token: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  if (text.includes(token)) await rm(file, { force: true })
}
