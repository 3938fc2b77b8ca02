/** The one service worker of the pages, `/sw.js`. Each subject is a file of its own, which listens for what it is about. */
import { showMessages } from './push.ts'
import type { WorkerScope } from './scope.ts'
import { serveOffline } from './shell.ts'

const scope = globalThis as unknown as WorkerScope
serveOffline(scope)
showMessages(scope)
