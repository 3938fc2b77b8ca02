/** `cellwright notify …`: do notifications arrive, and which did not. */
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { eventInWords, getMail, listDeliveries, listWebhooks, sendAgain, testMail, testWebhook } from '../../api/index.ts'
import type { Shell } from './shell.ts'

interface Tried {
  to: string
  isSent: boolean
  said: string
}

export function addNotificationCommands(program: Command, { client, output }: Shell): void {
  const notify = program.command('notify').description('notifications: tries the ways out, tells what was sent and what was given up')
  notify
    .command('test')
    .description('sends a test to every webhook that is on, and to a mail address')
    .option('--mail <address>', 'sends a test mail there, by the mail server that is set')
    .action(async ({ mail }: { mail?: string }) => {
      const api = client()
      const tried: Tried[] = []
      if (mail !== undefined) {
        const { settings } = await api.call(getMail, {})
        if (!settings) throw new UserError({ code: 'no-mail', message: 'No mail server is set: do that under Settings, Mail.' })
        const { hasPassword: _, ...wanted } = settings
        const { isSent, answer = '' } = await api.call(testMail, { body: { settings: wanted, to: mail } })
        tried.push({ to: mail, isSent, said: answer })
      }
      for (const { id, name, isOn } of await api.call(listWebhooks, {})) {
        if (!isOn) continue
        const { isSent, status, error, ms } = await api.call(testWebhook, { params: { webhookId: id } })
        tried.push({ to: name, isSent, said: error ?? `${status ?? ''} after ${ms} ms` })
      }
      if (!tried.length)
        throw new UserError({ code: 'nothing-to-test', message: 'There is no webhook that is on. Give --mail <address> to try the mail server.' })
      output().result(tried, tried.map(({ to, isSent, said }) => `${isSent ? 'sent to' : 'NOT SENT to'} ${to}: ${said}`).join('\n'))
      if (tried.some(({ isSent }) => !isSent)) throw new OperationalError({ code: 'not-sent', message: 'Not everything arrived.' })
    })
  notify
    .command('log')
    .description('what was told to whom, newest first')
    .option('--dead', 'only what was given up')
    .action(async ({ dead }: { dead?: boolean }) => {
      const found = await client().call(listDeliveries, { query: dead ? { state: 'dead' } : {} })
      const lines = found.map(
        ({ id, event, to, channel, state, error }) =>
          `${event.at}  ${state.padEnd(7)}  ${channel} to ${to}: ${eventInWords(event, 'en').title}${error && state !== 'sent' ? ` (${error})` : ''}  ${id}`,
      )
      output().result(found, lines.join('\n') || 'Nothing.')
    })
  notify
    .command('again <id>')
    .description('sends once more what was given up')
    .action(async (deliveryId: string) => {
      const found = await client().call(sendAgain, { params: { deliveryId } })
      output().result(found, `It is sent again to ${found.to}.`)
    })
}
