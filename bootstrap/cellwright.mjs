#!/usr/bin/env node
// The `cellwright` command: the CLI on the pinned Node.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, pinnedNode, root, Stop } from './install.mjs'

try {
  await ensureInstalled()
  await ensureBuilt()
  // what the sources compile to is kept for the next command
  const env = { NODE_COMPILE_CACHE: join(root, '.cache', 'compile'), ...process.env }
  const child = spawn(pinnedNode(), [join(root, 'dist', 'cli.js'), ...process.argv.slice(2)], { stdio: 'inherit', env })
  // Ctrl-C reaches it through the terminal's process group
  process.on('SIGINT', () => {})
  process.on('SIGTERM', (signal) => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1)
  })
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(error.message)
  process.exitCode = 1
}
