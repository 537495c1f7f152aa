"""Distillations whose numbers are chosen already, each one short file."""

from localsearch.compress.recipes.base import BASE
from localsearch.compress.recipes.fast import FAST
from localsearch.compress.recipes.tiny import TINY

RECIPES = {recipe.name: recipe for recipe in (FAST, TINY, BASE)}
