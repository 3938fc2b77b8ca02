// Loaded before a process of the product (`node --import`): traces name our sources. `--enable-source-maps` would read the maps of all
// packages as well, and parse the largest of ours at every start, for the caller that the log asks for: a sixth of what a start costs.
import { setSourceMapsSupport } from 'node:module'

setSourceMapsSupport(true, { nodeModules: import.meta.filename.includes('node_modules'), generatedCode: false })
