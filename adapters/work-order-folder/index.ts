/** Work orders from files in a folder, confirmations into another: what a shop without an ERP interface has. */
import { defineConnector } from '../contract.ts'
import { watchInbox } from './inbox.ts'
import { checkFolders, FolderSettings } from './settings.ts'
import { writeConfirmation } from './write-confirmation.ts'

export const workOrderFolder = defineConnector({
  id: 'work-order-folder',
  label: 'Work-order folder',
  summary: 'Takes work orders from CSV or JSON files in a folder and writes each confirmation as a JSON file into another.',
  settings: FolderSettings,
  secrets: [],
  check: (settings) => checkFolders(settings),
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
