// In place of the package `debug`, which `@stdlib` brings along: it needs a terminal's parts of Node, and says nothing here anyway.
module.exports = () => () => {}
