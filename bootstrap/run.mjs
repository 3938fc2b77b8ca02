// `npm start`, `npm test` and the other scripts: installs and builds what is stale, then runs on Node 24.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, ensureInstalled, pinnedNode, root, Stop } from './install.mjs'

const bin = (...parts) => join(root, 'node_modules', ...parts)

/** Runs one program on the pinned Node; resolves with its exit code. Ctrl-C reaches it through the terminal's process group. */
function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode(), args, { cwd: root, stdio: 'inherit' })
    const ignore = () => {}
    const pass = (signal) => child.kill(signal)
    process.on('SIGINT', ignore)
    process.on('SIGTERM', pass)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', pass)
      resolve(signal ? 1 : (code ?? 1))
    })
  })
}

async function runAll(...commands) {
  for (const args of commands) {
    const code = await run(args)
    if (code !== 0) return code
  }
  return 0
}

const lint = [
  [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'],
  [bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'base', 'server', 'nodes', 'adapters', 'editor'],
  [bin('knip', 'bin', 'knip.js')],
]
const types = [bin('typescript-native', 'bin', 'tsc'), '-p', '.']

const [command, ...rest] = process.argv.slice(2)
const commands = {
  // the launcher stays npm start's own process
  start: async () => {
    await ensureBuilt()
    const { launch } = await import(pathToFileURL(join(root, 'dist', 'launcher.js')).href)
    return launch({ args: rest, node: pinnedNode(), root })
  },
  test: async () => {
    await ensureBuilt()
    process.env.CELLWRIGHT_BUILT_WORKERS = join(root, 'dist')
    return run([bin('vitest', 'vitest.mjs'), 'run', ...rest])
  },
  build: async () => {
    await ensureBuilt()
    return 0
  },
  client: () => run([join(root, 'build', 'client.ts')]),
  demo: async () => {
    await ensureBuilt()
    return run([join(root, 'dist', 'cli.js'), 'demo', ...rest])
  },
  bench: async () => {
    await ensureBuilt()
    return run(['test/bench/main.ts', ...rest])
  },
  soak: async () => {
    await ensureBuilt()
    process.env.CELLWRIGHT_BUILT_WORKERS = join(root, 'dist')
    process.env.CELLWRIGHT_SOAK = '1'
    return run([bin('vitest', 'vitest.mjs'), 'run', ...rest])
  },
  lint: () => runAll(...lint),
  types: () => run(types),
  check: () => runAll(...lint, types),
}

try {
  if (!Object.hasOwn(commands, command)) throw new Stop(`Say one of: ${Object.keys(commands).join(', ')}.`)
  await ensureInstalled()
  process.exitCode = await commands[command]()
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(error.message)
  process.exitCode = 1
}
