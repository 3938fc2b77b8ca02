/**
 * The page behind `/stock`: the stock editor's scripts, and nothing that starts them. The designer loads it in a frame,
 * takes out what is not for dialogs (the line to the server, deploying), and only then starts it (editor/designer/stock).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ADMIN_ROOT } from './ways.ts'

/** As the editor's own page has them (@node-red/editor-client 5, templates/index.mst), with Monaco as the code editor. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cellwright: dialogs of nodes</title>
<link rel="stylesheet" href="vendor/jquery/css/base/jquery-ui.min.css">
<link rel="stylesheet" href="vendor/font-awesome/css/font-awesome.min.css">
<link rel="stylesheet" href="red/style.min.css">
<link rel="stylesheet" href="vendor/monaco/style.css">
</head>
<body spellcheck="false">
<div id="red-ui-editor"></div>
<script src="vendor/vendor.js"></script>
<script id="monaco-bootstrap" src="vendor/monaco/monaco-bootstrap.js"></script>
<script src="red/red.min.js"></script>
</body>
</html>
`

/**
 * Answers what is not Node-RED's to answer on this way: its page, and the flows, of which there are none: a dialog gets those
 * that are on the designer's screen. Whatever would write is refused once more, behind the gateway's rules.
 *
 * @returns whether it has answered
 */
export function answerStock(request: IncomingMessage, response: ServerResponse): boolean {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const isLibrary = path.startsWith(`${ADMIN_ROOT}/library/`)
  if (!isRead && !(isLibrary && request.method === 'POST')) {
    response.writeHead(403).end()
    return true
  }
  if (new RegExp(`^${ADMIN_ROOT}/?$`, 'i').test(path)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' }).end(PAGE)
    return true
  }
  if (new RegExp(`^${ADMIN_ROOT}/flows(/|$)`, 'i').test(path)) {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end('{"flows":[],"rev":""}')
    return true
  }
  return false
}
