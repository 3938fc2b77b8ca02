/** Files that a person names on the command line. */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { messageOf, UserError } from '../../base/errors.ts'

/** Why a file could not be used, in plain words. */
export function fileProblem(file: string, error: unknown, use: 'read' | 'write' = 'read'): UserError {
  const words: Record<string, string> = {
    ENOENT: use === 'read' ? `There is no file ${file}.` : `${file} cannot be written: its folder does not exist.`,
    ENOTDIR: `There is no file ${file}.`,
    EISDIR: `${file} is a folder, not a file.`,
    EACCES: `${file} may not be used: you have no right to it.`,
    EPERM: `${file} may not be used: you have no right to it.`,
    EROFS: `${file} cannot be written: the disk is read-only.`,
    ENOSPC: `${file} cannot be written: the disk is full.`,
  }
  const { code } = error as NodeJS.ErrnoException
  return new UserError({
    code: code === 'ENOENT' && use === 'read' ? 'file-missing' : 'file-unusable',
    message: words[code ?? ''] ?? `${file} cannot be used: ${messageOf(error)}`,
    cause: error,
  })
}

/** The JSON value in a file. @throws UserError file-missing, file-unusable, file-not-json */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileProblem(file, error)
  })
  try {
    // some editors begin a file with a byte order mark
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new UserError({ code: 'file-not-json', message: `${file} is not valid JSON: ${messageOf(cause)}.`, cause })
  }
}

/** Its bytes, after a look that it is a file that can be read. @throws UserError file-missing, file-unusable */
export async function openForUpload(file: string): Promise<() => ReadableStream> {
  try {
    if ((await stat(file)).isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
    const probe = createReadStream(file, { end: 0 })
    for await (const _ of probe) break
  } catch (error) {
    throw fileProblem(file, error)
  }
  return () => Readable.toWeb(createReadStream(file)) as ReadableStream
}

/** JSON from the command line itself, or from the file it names after @. @throws UserError json-invalid, file-missing */
export async function jsonFrom(text: string): Promise<unknown> {
  if (text.startsWith('@')) return readJsonFile(text.slice(1))
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError({ code: 'json-invalid', message: 'It must be JSON, e.g. \'{"kind":"home"}\', or the name of a file with it after @.' })
  }
}
