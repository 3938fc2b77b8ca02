/** The library that the gateway proxies with, and nothing around it: says its port, forwards to the URL that it is given. */
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProxyServer } from 'httpxy'

const [target] = process.argv.slice(2) as [string]
const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true, maxSockets: 256 }) })
const server = createServer((request, response) => void proxy.web(request, response))
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
