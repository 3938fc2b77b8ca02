/**
 * Every setting: name, type, default, meaning, environment variable. Only Node's own modules: the
 * launcher reads it before anything else runs.
 */
import { join, resolve } from 'node:path'
import { UserError } from '../base/errors.ts'
import { acmeSettings } from './tls/acme/settings.ts'
import { checkTlsSettings } from './tls/mode.ts'

interface Setting<T> {
  env: string
  meaning: string
  /** How the default reads in `cellwright config`. */
  defaultText: string
  read: (raw: string | undefined) => T
  /** Never printed. */
  isSecret?: true
}

const invalid = (message: string) => new UserError({ code: 'setting-invalid', message })

function text(env: string, fallback: string, meaning: string): Setting<string> {
  return { env, meaning, defaultText: fallback, read: (raw) => (raw === undefined || raw === '' ? fallback : raw) }
}

function optional(env: string, meaning: string, isSecret = false): Setting<string | undefined> {
  return {
    env,
    meaning,
    defaultText: '(not set)',
    read: (raw) => (raw === undefined || raw === '' ? undefined : raw),
    ...(isSecret ? { isSecret: true as const } : {}),
  }
}

function integer(env: string, fallback: number, [min, max]: [number, number], meaning: string): Setting<number> {
  return {
    env,
    meaning,
    defaultText: String(fallback),
    read(raw) {
      if (raw === undefined || raw === '') return fallback
      const value = Number(raw)
      if (!Number.isInteger(value) || value < min || value > max) throw invalid(`${env} must be a whole number from ${min} to ${max}, not "${raw}".`)
      return value
    },
  }
}

function choice<const T extends string>(env: string, values: readonly T[], fallback: T, meaning: string): Setting<T> {
  return {
    env,
    meaning,
    defaultText: fallback,
    read(raw) {
      if (raw === undefined || raw === '') return fallback
      if (!(values as readonly string[]).includes(raw)) throw invalid(`${env} must be one of ${values.join(', ')}, not "${raw}".`)
      return raw as T
    },
  }
}

/** The settings. A new one needs a line here and nothing else. */
export const SETTINGS = {
  host: text('CELLWRIGHT_HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 lets other computers in, by HTTPS.'),
  tls: choice(
    'CELLWRIGHT_TLS',
    ['auto', 'on', 'off'],
    'auto',
    'HTTPS on our own port. auto: where CELLWRIGHT_HOST lets other computers in and no proxy (CELLWRIGHT_PUBLIC_URL) stands in front.',
  ),
  tlsCert: optional(
    'CELLWRIGHT_TLS_CERT',
    'File of a certificate of your own (PEM, its chain behind it) instead of one that Cellwright makes; read again when it changes.',
  ),
  tlsKey: optional('CELLWRIGHT_TLS_KEY', 'File of its private key (PEM, without a passphrase).'),
  tlsNames: optional(
    'CELLWRIGHT_TLS_NAMES',
    'More names and addresses by which this server is reached, with commas between; they go into the certificate that Cellwright makes.',
  ),
  mdnsName: text(
    'CELLWRIGHT_MDNS_NAME',
    'cellwright',
    'Name under .local by which devices of the local network find this server where CELLWRIGHT_HOST lets them in; off: none. The next free one (cellwright-2) where it is taken.',
  ),
  acmeDomains: optional(
    'CELLWRIGHT_ACME_DOMAINS',
    'Names, with commas between, for which an ACME authority (Let’s Encrypt, or one of the company) gives and renews the certificate.',
  ),
  acmeTerms: choice('CELLWRIGHT_ACME_TERMS', ['agreed', 'not-agreed'], 'not-agreed', 'Whether you agree to the terms of service of that authority.'),
  acmeMail: optional('CELLWRIGHT_ACME_MAIL', 'Mail address that the authority may write to.'),
  acmeDirectory: text('CELLWRIGHT_ACME_DIRECTORY', 'https://acme-v02.api.letsencrypt.org/directory', 'Address of the ACME directory.'),
  acmeChallenge: choice(
    'CELLWRIGHT_ACME_CHALLENGE',
    ['auto', 'http-01', 'tls-alpn-01', 'dns-01'],
    'auto',
    'How the authority sees that the names are ours. auto: dns-01 with a hook, http-01 with a port for it, else tls-alpn-01 (it then has to reach this port as 443).',
  ),
  acmeHttpPort: integer(
    'CELLWRIGHT_ACME_HTTP_PORT',
    0,
    [0, 65535],
    'A port of its own for plain HTTP, most often 80: answers the authority and leads browsers to HTTPS; 0: none.',
  ),
  acmeDnsHook: optional(
    'CELLWRIGHT_ACME_DNS_HOOK',
    'Program that sets the record of dns-01, called as PROGRAM present|cleanup _acme-challenge.NAME. VALUE; it gets the variables ACME_HOOK_*.',
  ),
  acmeDnsWaitS: integer('CELLWRIGHT_ACME_DNS_WAIT_S', 20, [0, 3600], 'Seconds after the hook until the record is seen everywhere.'),
  acmeEabId: optional('CELLWRIGHT_ACME_EAB_ID', 'Key identifier of an external account binding, for authorities that know their customers.'),
  acmeEabKey: optional('CELLWRIGHT_ACME_EAB_KEY', 'Its key (base64url).', true),
  acmeCa: optional('CELLWRIGHT_ACME_CA', 'File (PEM) of the authority that vouches for the ACME directory itself, for one of the company.'),
  trustedProxy: optional(
    'CELLWRIGHT_TRUSTED_PROXY',
    'Addresses or networks of proxies (10.0.0.5, 10.1.0.0/16) whose X-Forwarded-For is believed. With CELLWRIGHT_PUBLIC_URL it is this computer when nothing is said.',
  ),
  port: integer('CELLWRIGHT_PORT', 8470, [0, 65535], 'Port of the pages and the API; 0 takes a free one.'),
  dataDir: text('CELLWRIGHT_DATA', './data', 'Directory of the database, files, keys, journals and logs.'),
  runDir: optional('CELLWRIGHT_RUN', 'Short path of a directory for local sockets, the same at every start, instead of /tmp; a service has one of its own.'),
  filesDir: optional('CELLWRIGHT_FILES', 'Shared directory for programs and attachments when several hosts work together.'),
  promotionsDir: optional('CELLWRIGHT_PROMOTIONS', 'Folder that several installations see: versions of flows that one offers lie there for the others.'),
  databaseUrl: optional('DATABASE_URL', 'A PostgreSQL of your own (13 or newer) instead of the embedded one.', true),
  redisUrl: optional('REDIS_URL', 'Redis 7 for the job queues instead of PostgreSQL.', true),
  owner: optional('CELLWRIGHT_OWNER', 'name:password of the first account, for unattended set-up.', true),
  publicUrl: optional('CELLWRIGHT_PUBLIC_URL', 'How browsers reach this server when a proxy stands in front; its host is then allowed.'),
  secretKey: optional(
    'CELLWRIGHT_SECRET_KEY',
    '64 hex digits: key of stored secrets, the same on all hosts that share a database; otherwise a key file in the data directory.',
    true,
  ),
  hostName: optional(
    'CELLWRIGHT_HOST_NAME',
    "What this host is called among several on one database: machines are bound to it. Otherwise the computer's name, kept in the data directory.",
  ),
  hostSilentS: integer(
    'CELLWRIGHT_HOST_SILENT_S',
    30,
    [5, 3600],
    'Seconds without a sign of life after which a host counts as gone for the others; the same on all of them.',
  ),
  hostUrl: optional('CELLWRIGHT_HOST_URL', 'Where people reach the pages of this very host, told to them on the pages of other hosts.'),
  palette: optional('CELLWRIGHT_PALETTE', 'Node-RED modules that may be installed and loaded besides ours: names, or @scope/*, with commas between.'),
  templatesDir: optional('CELLWRIGHT_TEMPLATES', 'Folder that several shops share, such as a network drive: templates are written to it and brought from it.'),
  upgradeBackup: choice(
    'CELLWRIGHT_UPGRADE_BACKUP',
    ['on', 'off'],
    'on',
    'Whether a back-up is made, in the data directory, before a newer program changes the database. off: there is no way back.',
  ),
  logLevel: choice('CELLWRIGHT_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info', 'Least important log records to keep.'),
  logFileMb: integer('CELLWRIGHT_LOG_FILE_MB', 10, [1, 1000], 'Megabytes after which a log file is put aside and compressed.'),
  logDays: integer('CELLWRIGHT_LOG_DAYS', 30, [1, 3650], 'Days that log files are kept.'),
  orphanTimeoutS: integer(
    'CELLWRIGHT_ORPHAN_TIMEOUT_S',
    900,
    [1, 86_400],
    'How long a guard and its virtual controller wait, holding the machine, for a launcher that went away.',
  ),
  jobDays: integer('CELLWRIGHT_JOB_DAYS', 90, [1, 3650], 'How many days jobs that have ended are kept; dead letters until somebody has dealt with them.'),
  runsKeepDays: integer('CELLWRIGHT_RUNS_DAYS', 30, [1, 3650], 'Days that runs are kept in the history.'),
  runsKeepCount: integer('CELLWRIGHT_RUNS_COUNT', 200_000, [100, 10_000_000], 'Runs that are kept in the history.'),
  runsKeepMb: integer('CELLWRIGHT_RUNS_MB', 2000, [10, 1_000_000], 'Megabytes of runs and their steps that are kept, about.'),
  runMessagesKeepMb: integer('CELLWRIGHT_RUN_MESSAGES_MB', 1000, [0, 1_000_000], 'Megabytes of what steps were given that are kept; 0 keeps none.'),
  diskWarnPercent: integer('CELLWRIGHT_DISK_WARN_PERCENT', 90, [50, 100], 'How full the disk may be, in percent, before people are warned.'),
  diskStopPercent: integer(
    'CELLWRIGHT_DISK_STOP_PERCENT',
    98,
    [50, 100],
    'How full the disk may be, in percent, before no program is begun any more and the steps of runs are not recorded.',
  ),
  maxLoginTriesPerMinute: integer('CELLWRIGHT_LOGIN_TRIES', 10, [1, 1000], 'Sign-in tries a minute and address.'),
} satisfies Record<string, Setting<unknown>>

export type Config = { [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['read']> }

/**
 * Reads the settings from an environment.
 * @throws UserError setting-invalid naming the variable and what it may be
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [name, setting.read(env[setting.env])])
  const config = Object.fromEntries(entries) as Config
  checkTlsSettings(config)
  acmeSettings(config)
  return { ...config, dataDir: resolve(config.dataDir) }
}

/** Where things are inside the data directory. */
export function dataPaths(config: Pick<Config, 'dataDir' | 'filesDir'>) {
  const at = (...parts: string[]) => join(config.dataDir, ...parts)
  return {
    postgres: at('postgres'),
    files: config.filesDir ?? at('files'),
    /** The certificate authority of this host, and the certificate it made. */
    tls: at('keys', 'tls'),
    /** The git mirror of this host. */
    mirror: at('mirror'),
    /** Owner-only keys: credentials, guard and gateway tokens. */
    keys: at('keys'),
    journals: at('journals'),
    logs: at('logs'),
    /** Node-RED's user directory: installed palette modules. */
    nodeRed: at('node-red'),
    /** URL and token for the CLI on this machine, mode 0600. */
    cliAccess: at('cli-access.json'),
    /** What this host is called. */
    host: at('host.json'),
    /** Where the audit log ended when this host last saw it. */
    auditWitness: at('audit-end.json'),
    /** The running instance: pid and URL. */
    instance: at('instance.json'),
    /** Back-ups that were made here. */
    backups: at('backups'),
    /** Locks back-ups that nobody gives a passphrase for. */
    backupKey: at('keys', 'backup.key'),
    /** There while a restore has not ended: nothing is started on it. */
    restoring: at('restoring.json'),
    /** That this host was restored, and from what. */
    restored: at('restored.json'),
    /** The demo shop's work-order folders. */
    demo: at('demo-shop'),
  }
}
