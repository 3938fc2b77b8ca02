/** The mail server that notifications leave by. */
import type { Kysely } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { checker } from '../../../base/schema.ts'
import { getMail, MailSettings, setMail, testMail } from '../../api/index.ts'
import type { MailChange } from '../../api/mail.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Secrets } from '../../secrets/index.ts'
import { json } from '../../store/index.ts'
import type { Database } from '../../store/tables.ts'
import type { KeptVersions } from '../../versions/contract.ts'
import { checkCa } from '../webhooks/hooks.ts'
import { testMessage } from './compose.ts'
import { type MailServer, sendMail } from './transport.ts'

type Kept = Omit<MailSettings, 'hasPassword'>

const SUBJECT = 'mail'
const content = checker(
  // versions hold no secrets
  MailSettings,
)

export interface MailPart {
  /** Undefined: none is set, or it is switched off. */
  server(): Promise<MailServer | undefined>
  routes: RouteHandler[]
}

export function createMailSettings(deps: {
  db: Kysely<Database>
  secrets: Pick<Secrets, 'seal' | 'open'>
  audit: Audit
  versions: Pick<KeptVersions, 'keep' | 'own'>
  onChanged: () => void
}): MailPart {
  const { db, secrets, audit, versions, onChanged } = deps

  const read = async (): Promise<{ settings: Kept; password: string | undefined } | undefined> => {
    const row = await db.selectFrom('mailSettings').selectAll().executeTakeFirst()
    if (!row) return undefined
    return { settings: row.settings as Kept, password: row.password === null ? undefined : secrets.open(row.password) }
  }
  const shown = async () => {
    const found = await read()
    return found ? { settings: { ...found.settings, hasPassword: found.password !== undefined } } : {}
  }

  /** @throws UserError `mail-password-in-clear`, `mail-password-again`, `mail-ca` */
  const serverOf = async ({ password: given, ...settings }: MailChange): Promise<MailServer> => {
    checkCa(settings.ca, 'mail-ca')
    const before = await read()
    const isSame = before?.settings.host === settings.host && before.settings.port === settings.port && before.settings.userName === settings.userName
    // a password is for one server: another one would learn it
    if (given === undefined && before?.password !== undefined && !isSame && settings.userName)
      throw new UserError({
        code: 'mail-password-again',
        status: 422,
        message: 'The stored password is for another server or name. Enter the password of this one.',
      })
    const password = given === undefined ? (isSame ? before?.password : undefined) : given || undefined
    if (settings.security === 'none' && (password !== undefined || settings.userName))
      throw new UserError({
        code: 'mail-password-in-clear',
        status: 422,
        message: 'Without encryption the password would go over the network in the clear. Choose STARTTLS or TLS, or leave name and password out.',
      })
    return { ...settings, ...(password === undefined ? {} : { password }) }
  }

  const keep = async (server: MailServer, caller: Caller, kept: { reason?: string | undefined; restoredFrom?: string } = {}) => {
    const { password, ...settings } = server
    const before = await read()
    const values = { settings: json(settings), password: password === undefined ? null : secrets.seal(password), by: caller.name, at: new Date() }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('mailSettings')
        .values(values)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      await versions.keep(tx, {
        kind: 'setting',
        subject: SUBJECT,
        title: 'Mail server',
        content: { ...settings, hasPassword: password !== undefined },
        author: caller,
        ...kept,
      })
    })
    const isOther = before?.password !== password
    audit.record({
      caller,
      action: 'mail.set',
      detail: { ...settings, ...(settings.ca ? { ca: 'given' } : {}), ...(isOther ? { password: password === undefined ? 'removed' : 'set' } : {}) },
    })
    onChanged()
  }
  versions.own(
    { kind: 'setting', subject: SUBJECT },
    {
      sees: 'system.view',
      changes: 'system.manage',
      async restore({ caller, version, reason }) {
        const { hasPassword: _, ...settings } = content.parse(version.content, 'The kept version')
        await keep(await serverOf(settings), caller, { reason, restoredFrom: version.id })
      },
    },
  )

  return {
    async server() {
      const found = await read()
      return found?.settings.isOn ? { ...found.settings, ...(found.password === undefined ? {} : { password: found.password }) } : undefined
    },
    routes: [
      handle(getMail, shown),
      handle(setMail, async ({ body, caller }) => {
        await keep(await serverOf(body), caller)
        return shown()
      }),
      handle(testMail, async ({ body: { settings, to, language = 'en' }, caller }) => {
        const answer = await sendMail(await serverOf(settings), { to, ...testMessage(caller.name, language) })
        audit.record({ caller, action: 'mail.test', detail: { host: settings.host, to, isSent: answer.isSent } })
        return {
          isSent: answer.isSent,
          ...(answer.answer ? { answer: answer.answer.slice(0, 1000) } : {}),
          ...(answer.failedAt ? { failedAt: answer.failedAt } : {}),
        }
      }),
    ],
  }
}
