/** Settings of the work-order folder, and the look at whether they can work. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'

export const FolderSettings = Type.Object(
  {
    inbox: Type.String({
      title: 'Inbox folder',
      minLength: 1,
      maxLength: 500,
      placeholder: '/srv/orders',
      description: 'Work orders as CSV or JSON files are taken from here; read ones go to its folder "done", files with errors to "refused".',
    }),
    outbox: Type.String({
      title: 'Outbox folder',
      minLength: 1,
      maxLength: 500,
      placeholder: '/srv/confirmations',
      description: 'Confirmations are written here, one JSON file each.',
    }),
    format: Type.Enum(['auto', 'csv', 'json'], {
      title: 'File format',
      default: 'auto',
      labels: { auto: 'by the ending of the name', csv: 'CSV', json: 'JSON' },
    }),
    delimiter: Type.Enum(['auto', ',', ';', 'tab'], {
      title: 'CSV separator',
      default: 'auto',
      labels: { auto: 'what the header row uses', ',': 'comma', ';': 'semicolon', tab: 'tab' },
    }),
    watch: Type.Enum(['events', 'poll'], {
      title: 'Watching',
      default: 'events',
      labels: { events: 'the system tells of new files', poll: 'look again and again (network shares)' },
    }),
    pollSeconds: Type.Number({ title: 'Look every', unit: 's', minimum: 0.1, maximum: 3600, default: 5 }),
    settleSeconds: Type.Number({
      title: 'File is complete after',
      unit: 's',
      minimum: 0.1,
      maximum: 600,
      default: 1,
      description: 'A file that has not changed for this long is read.',
    }),
  },
  { additionalProperties: false },
)
export type FolderSettings = Static<typeof FolderSettings>

function isInside(folder: string, outer: string): boolean {
  const way = relative(resolve(outer), resolve(folder))
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

async function checkFolder(path: string, what: string): Promise<void> {
  if (!isAbsolute(path))
    throw new UserError({
      code: 'folder-not-absolute',
      message: `The ${what} "${path}" must be given from the root, e.g. /srv/orders/${what}.`,
      details: { blanks: { folder: path } },
    })
  let isDirectory: boolean
  try {
    isDirectory = (await stat(path)).isDirectory()
  } catch (error) {
    throw new UserError({
      code: 'folder-not-found',
      message: `The ${what} folder ${path} is not there or may not be entered. Make it, or give its right path.`,
      details: { blanks: { folder: path } },
      cause: error,
    })
  }
  if (!isDirectory)
    throw new UserError({
      code: 'folder-not-found',
      message: `${path} is not a folder. Give the path of the ${what} folder.`,
      details: { blanks: { folder: path } },
    })
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UserError({
      code: 'folder-not-writable',
      message: `The ${what} folder ${path} may not be read and written by this server. Give the server's account access to it.`,
      details: { blanks: { folder: path } },
      cause: error,
    })
  }
}

/** @throws UserError folder-not-absolute, folder-not-found, folder-not-writable, folders-overlap */
export async function checkFolders({ inbox, outbox }: Pick<FolderSettings, 'inbox' | 'outbox'>): Promise<void> {
  await checkFolder(inbox, 'inbox')
  await checkFolder(outbox, 'outbox')
  // a confirmation in the inbox would be read as an order
  if (isInside(outbox, inbox) || isInside(inbox, outbox))
    throw new UserError({ code: 'folders-overlap', message: 'Inbox and outbox must be two folders, neither inside the other.' })
}
