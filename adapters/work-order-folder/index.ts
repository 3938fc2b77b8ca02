/** Work orders from files in a folder, confirmations into another: what a shop without an ERP interface has. */
import { readdir } from 'node:fs/promises'
import { Type } from 'typebox'
import { defineConnector } from '../contract.ts'
import { watchInbox } from './inbox.ts'
import { checkFolders, FolderSettings } from './settings.ts'
import { writeConfirmation } from './write-confirmation.ts'

export const workOrderFolder = defineConnector({
  id: 'work-order-folder',
  label: 'Work-order folder',
  summary: 'Takes work orders from CSV or JSON files in a folder and writes each confirmation as a JSON file into another.',
  use: 'For an ERP that writes files: work orders come in from one folder, finished quantities go out into another. Flows take them with “work orders” and answer with “confirm”.',
  promises: [
    'A file is read when it has not changed for a while, and moved to “done” only when its orders are stored: none is lost when the power goes.',
    'The same order number is taken once, however often its file comes.',
    'A confirmation is written once and whole, and tried again until the folder takes it.',
  ],
  settings: FolderSettings,
  shapes: {
    workOrder: Type.Object({
      number: Type.String({ examples: ['WO-1001'] }),
      part: Type.String({ examples: ['Flange 40'] }),
      revision: Type.String({ examples: ['A'] }),
      quantity: Type.Integer({ minimum: 1, examples: [5] }),
      dueDate: Type.String({ examples: ['2026-01-30'] }),
      program: Type.String({ examples: ['flange-40.nc'] }),
      material: Type.String({ examples: ['EN AW-6082'] }),
    }),
    confirmation: Type.Object({ reference: Type.String({ examples: ['/srv/confirmations/WO-1001.json'] }) }),
  },
  secrets: [],
  secretsAreFor: [],
  distinctBy: ['inbox'],
  async check(settings) {
    await checkFolders(settings)
    const files = (await readdir(settings.inbox, { withFileTypes: true })).filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    return [
      {
        code: 'inbox-seen',
        text: `The inbox ${settings.inbox} can be read and written; files in it: ${files.length}.`,
        blanks: { folder: settings.inbox, count: files.length },
      },
      { code: 'outbox-seen', text: `The outbox ${settings.outbox} can be written.`, blanks: { folder: settings.outbox } },
    ]
  },
  async start({ settings, context }) {
    const watching = await watchInbox(settings, context)
    return {
      async confirm(confirmation) {
        return { reference: await writeConfirmation(settings.outbox, confirmation) }
      },
      close: () => watching.close(),
    }
  },
})
