/** Small files that hold a secret: whole or not at all, readable by their owner alone from the first byte. */
import { randomBytes } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'

/** A new file beside it that holds the text, owner-only; nothing of it is left when it cannot be written. */
async function writeBeside(file: string, text: string, isSynced: boolean): Promise<string> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    if (isSynced) await handle.sync()
    await handle.close()
    return temporary
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

/** @param options.isSynced also there after a power cut @defaultValue false */
export async function writeOwnerFile(file: string, text: string, { isSynced = false }: { isSynced?: boolean } = {}): Promise<void> {
  const temporary = await writeBeside(file, text, isSynced)
  try {
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** For a key: where another process has made the file first, that one counts and stays. It is there after a power cut, too. */
export async function makeOwnerFile(file: string, text: string): Promise<void> {
  const temporary = await writeBeside(file, text, true)
  try {
    await link(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
}
