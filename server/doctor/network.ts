/** The port, and the certificate that is shown there. */
import { X509Certificate } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import { dataPaths } from '../config.ts'
import { readGiven } from '../tls/given.ts'
import { serverNames, servesTls } from '../tls/index.ts'
import { isLoopbackHost, isWildcard } from '../tls/mode.ts'
import { type Finding, ok, type Patient, problem, warning } from './finding.ts'

const DAY_MS = 86_400_000
const SOON_DAYS = 14
const ANSWER_MS = 5000

export async function lookAtPort(patient: Patient): Promise<Finding[]> {
  const { config, running } = patient
  const { host, port } = config
  if (running?.url) return [await answers(running.url, isWildcard(host) ? '127.0.0.1' : host)]
  const where = `${host}:${port}`
  const error = await tryToListen(host, port)
  if (!error) return [ok('port', port === 0 ? 'A free port is taken at the start.' : `${where} is free.`)]
  if (error.code === 'EADDRINUSE') {
    const who = await holderOf(port)
    return [
      problem('port', `${where} is taken${who ? ` by ${who}` : ' by another program'}.`, 'End that program, or choose another port with CELLWRIGHT_PORT.'),
    ]
  }
  if (error.code === 'EACCES')
    return [
      problem(
        'port',
        `This user may not listen on port ${port}.`,
        'Ports below 1024 take a right (CAP_NET_BIND_SERVICE). Choose a higher one with CELLWRIGHT_PORT.',
      ),
    ]
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return [problem('port', `${host} is no address of this computer.`, 'Set CELLWRIGHT_HOST to one of its addresses, to 127.0.0.1, or to 0.0.0.0 for all.')]
  return [problem('port', `${where} cannot be listened on: ${error.message}.`, 'Set CELLWRIGHT_HOST and CELLWRIGHT_PORT to what this computer has.')]
}

const tryToListen = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })

/** It listens; whether it is well is the report's to say. */
async function answers(url: string, host: string): Promise<Finding> {
  const port = Number(new URL(url).port || (url.startsWith('https') ? 443 : 80))
  const { connect } = await import('node:net')
  const isThere = await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_MS })
    const end = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
  return isThere
    ? ok('port', `${url} answers.`)
    : problem(
        'port',
        `It runs, and nobody answers at ${url}.`,
        'Wait a moment if it is just starting; then read gateway.log in the folder "logs" of the data directory.',
      )
}

/** Who listens on a port, as far as this user may see (proc(5), Linux). */
async function holderOf(port: number): Promise<string | undefined> {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      // 0A: it listens
      if (fields[3] === '0A' && fields[9] && Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) === port) inodes.add(fields[9])
    }
  }
  if (!inodes.size) return undefined
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1]
      if (inode !== undefined && inodes.has(inode)) return `${(await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'process')).trim()} (process ${pid})`
    }
  }
  return undefined
}

export async function lookAtCertificate({ config, now }: Patient): Promise<Finding[]> {
  if (!servesTls(config)) return [ok('certificate', 'None is needed: this port speaks HTTP, for this computer or a proxy in front.')]
  const { tlsCert, tlsKey } = config
  try {
    if (tlsCert && tlsKey) return judge(new X509Certificate((await readGiven({ cert: tlsCert, key: tlsKey }, now)).cert), config, now)
    const made = await readFile(join(dataPaths(config).tls, 'server.pem'), 'utf8').catch(() => undefined)
    if (made === undefined) return [ok('certificate', 'Cellwright makes one of its own authority, and renews it by itself.')]
    return judge(new X509Certificate(made), config, now)
  } catch (error) {
    return [problem('certificate', messageOf(error), 'Without it the start is refused; a running Cellwright goes on with the one before.')]
  }
}

function judge(certificate: X509Certificate, config: Patient['config'], now: Date): Finding[] {
  const days = Math.floor((certificate.validToDate.getTime() - now.getTime()) / DAY_MS)
  const found: Finding[] = []
  if (days < SOON_DAYS) found.push(warning('certificate', `The certificate ends in ${days} days.`, 'Put a new one in its place; it is read without a restart.'))
  const { dns, ip } = serverNames(config)
  const missing = [
    ...dns.filter((name) => name !== 'localhost' && !certificate.checkHost(name)),
    ...ip.filter((each) => !isLoopbackHost(each) && !certificate.checkIP(each)),
  ]
  if (missing.length)
    found.push(
      warning(
        'certificate',
        `It does not stand for ${missing.join(', ')}: browsers that go there warn.`,
        'Let whoever makes it add these names, or use the names it has.',
      ),
    )
  return found.length
    ? found
    : [ok('certificate', `The certificate holds until ${certificate.validToDate.toISOString().slice(0, 10)} and stands for every name of this computer.`)]
}
