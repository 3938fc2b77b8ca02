/** What an installation consists of: found out first, then shown (`--dry-run`) or done. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { messageOf, UserError } from '../../base/errors.ts'
import { readConfig } from '../config.ts'
import { FIRST_ENV_TEXT, readEnvText, withSettings } from './env-file.ts'
import { SERVICE, unitText } from './unit.ts'

export interface Wishes {
  isUser: boolean
  root: string
  node: string
  /** Settings that go into the environment file. */
  settings: Readonly<Record<string, string>>
}

export interface Plan {
  isUser: boolean
  unitFile: string
  unitText: string
  envFile: string
  envText: string
  dataDir: string
  /** Whom the service runs as; undefined: whoever installs it. */
  user: string | undefined
}

/** Where the files of a unit are. */
export function filesOf({ isUser }: { isUser: boolean }): { unitFile: string; envFile: string; dataDir: string } {
  if (!isUser) return { unitFile: `/etc/systemd/system/${SERVICE}.service`, envFile: `/etc/${SERVICE}/${SERVICE}.env`, dataDir: `/var/lib/${SERVICE}` }
  const config = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config')
  return {
    unitFile: join(config, 'systemd', 'user', `${SERVICE}.service`),
    envFile: join(config, SERVICE, `${SERVICE}.env`),
    dataDir: join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), SERVICE),
  }
}

/** Who owns serial ports: Debian, Fedora and their kin say dialout, Arch says uucp. */
function serialGroup(): string | undefined {
  const groups = existsSync('/etc/group') ? readFileSync('/etc/group', 'utf8') : ''
  return ['dialout', 'uucp'].find((name) => groups.split('\n').some((line) => line.startsWith(`${name}:`)))
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UserError({ code: 'service-files', message: `${file} cannot be read: ${messageOf(error)}. Use sudo, or --user for a service of your own.` })
  }
}

/** The settings of the installed service: those of its environment file, and where its data is. */
export function installedSettings(scope: { isUser: boolean }): { env: Record<string, string>; dataDir: string } {
  const files = filesOf(scope)
  const env = readEnvText(readText(files.envFile) ?? '')
  return { env, dataDir: env.CELLWRIGHT_DATA ?? files.dataDir }
}

/**
 * Reads what is there and says what shall be.
 * @throws UserError setting-invalid, service-files
 */
export function makePlan({ isUser, root, node, settings }: Wishes): Plan {
  const files = filesOf({ isUser })
  const envText = withSettings(readText(files.envFile) ?? FIRST_ENV_TEXT, settings)
  const env = readEnvText(envText)
  const dataDir = env.CELLWRIGHT_DATA ?? files.dataDir
  // what the service would say at its start is said now
  const config = readConfig({ ...env, CELLWRIGHT_DATA: dataDir })
  const writable = [config.filesDir, config.promotionsDir, config.templatesDir].filter((path) => path !== undefined)
  for (const path of [dataDir, ...writable])
    if (!isAbsolute(path))
      throw new UserError({ code: 'setting-invalid', message: `A service needs the whole path of a folder, from / on, not "${path}" (${files.envFile}).` })
  const user = isUser ? undefined : SERVICE
  return {
    isUser,
    ...files,
    dataDir,
    envText,
    user,
    unitText: unitText({
      root,
      node,
      envFile: files.envFile,
      dataDir,
      writable,
      user,
      serialGroup: serialGroup(),
      needsLowPort: [config.port, config.acmeHttpPort].some((port) => port > 0 && port < 1024),
    }),
  }
}
