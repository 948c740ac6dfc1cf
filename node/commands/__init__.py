"""The commands of `lumbar-node`, one module each. Talks to: terminal."""
