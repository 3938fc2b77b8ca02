/** An npm registry with modules of a test's own, as npm's client asks it: a document for each module, and its files. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { create } from 'tar'

export interface TestRegistry {
  url: string
  /** Publishes a version; the latest is the last one. @param files by their path in the module; `package.json` is made from `facts` */
  publish(facts: { name: string; version: string } & Record<string, unknown>, files?: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

export async function startTestRegistry(): Promise<TestRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-registry-'))
  const modules = new Map<string, { latest: string; versions: Record<string, unknown> }>()
  const archives = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1).split('?')[0] ?? '')
    const archive = archives.get(path)
    if (archive) return void response.end(archive)
    const module = modules.get(path)
    response.setHeader('content-type', 'application/json')
    if (!module) return void response.writeHead(404).end('{"error":"Not found"}')
    response.end(JSON.stringify({ name: path, 'dist-tags': { latest: module.latest }, versions: module.versions }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    url,
    async publish(facts, files = {}) {
      const { name, version } = facts
      const folder = join(dir, name, version)
      for (const [path, text] of Object.entries({ ...files, 'package.json': JSON.stringify(facts) })) {
        const file = join(folder, 'package', path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, text)
      }
      const file = join(folder, 'package.tgz')
      await create({ cwd: folder, gzip: true, file }, ['package'])
      const archive = await readFile(file)
      const path = `${name}/-/${version}.tgz`
      archives.set(path, archive)
      const dist = { tarball: url + path, integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}` }
      const versions = { ...modules.get(name)?.versions, [version]: { ...facts, dist } }
      modules.set(name, { latest: version, versions })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A module with one node type that passes messages on. */
export const nodesOf = (type: string): Readonly<Record<string, string>> => ({
  'nodes.js': `module.exports = (RED) => RED.nodes.registerType('${type}', function (config) { RED.nodes.createNode(this, config); this.on('input', (message, send, done) => { send(message); done() }) })`,
  'nodes.html': `<script>RED.nodes.registerType('${type}', { category: 'test', defaults: { name: { value: '' } }, inputs: 1, outputs: 1 })</script>`,
})
