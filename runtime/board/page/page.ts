import { chart } from './chart.ts'
import { markup } from './markup.ts'
import { script } from './script.ts'
import { style } from './style.ts'

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 22 22' fill='%235a69ea'%3E%3Crect x='1' y='12' width='5' height='9' rx='1.5'/%3E%3Crect x='8.5' y='6' width='5' height='15' rx='1.5'/%3E%3Crect x='16' y='1' width='5' height='20' rx='1.5'/%3E%3C/svg%3E"

/** The inline parts, whose digests a content security policy names. */
export const pageStyle = style
export const pageScript = `'use strict'${chart}${script}`

/** The dashboard: one HTML document that loads nothing else. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>clickstream</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
</head>
<body>${markup}<script>${pageScript}</script>
</body>
</html>
`
