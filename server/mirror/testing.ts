/** A real git server for tests: `git http-backend` behind a password, over plain HTTP on a free port of this computer. */
import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** Whether there is a git here, and of whole: its server as well. */
export const hasGit: boolean = (() => {
  try {
    const dir = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()
    execFileSync('ls', [join(dir, 'git-http-backend')], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

export const git = (gitDir: string, ...args: string[]): string =>
  execFileSync('git', ['--git-dir', gitDir, '-c', 'safe.directory=*', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

export interface GitPeer {
  /** Of the repository `shop.git`. */
  url: string
  /** On the disk. */
  dir: string
  token: string
  /** From now on it answers with this status; undefined: as a git server. */
  answerWith(status: number | undefined): void
  /** Requests that came. */
  readonly asked: number
  close(): Promise<void>
}

/** @param root an empty folder @param host of this computer */
export async function startGitPeer(root: string, host = '127.0.0.1'): Promise<GitPeer> {
  const dir = join(root, 'shop.git')
  execFileSync('git', ['init', '--bare', '--quiet', '--initial-branch=main', dir])
  execFileSync('git', ['--git-dir', dir, 'config', 'http.receivepack', 'true'])
  const token = 'peer-token-0123456789'
  let status: number | undefined
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    if (status !== undefined) return void response.writeHead(status).end()
    const [, given = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    if (Buffer.from(given, 'base64').toString() !== `git:${token}`) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="shop"' }).end()
    const { pathname, search } = new URL(request.url ?? '/', 'http://peer')
    const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        REMOTE_USER: 'git',
        ...(request.headers['content-encoding'] ? { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] } : {}),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    request.pipe(child.stdin)
    child.stdin.on('error', () => {})
    let head = Buffer.alloc(0)
    let isBegun = false
    child.stdout.on('data', (chunk: Buffer) => {
      if (isBegun) return void response.write(chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      isBegun = true
      const headers = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string])
      const told = headers.find(([name]) => name.toLowerCase() === 'status')
      response.writeHead(told ? Number(told[1].slice(0, 3)) : 200, Object.fromEntries(headers.filter((each) => each !== told)))
      response.write(head.subarray(end + 4))
    })
    child.on('close', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/shop.git`,
    dir,
    token,
    answerWith(next) {
      status = next
    },
    get asked() {
      return asked
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
